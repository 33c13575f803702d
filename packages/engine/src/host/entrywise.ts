/** Kernels that act entry by entry, and reductions: code in loops, or of single numbers. */
import { sizeOf, type GraphNode, type Value } from "../graph.js";
import { costly, expressions, inputOrder } from "./expressions.js";
import { axisOf, stridesOf, walk } from "./index-maps.js";
import type { Loops } from "./loops.js";
import { inputOf } from "./places.js";
import type { Emitters } from "./emitters.js";

/** Reductions: the first value, and how an entry joins. */
const reductions: Readonly<Record<string, { readonly first: string; join(total: string, x: string): string }>> = {
  Sum: { first: "0", join: (total, x) => `${total} + ${x}` },
  Mean: { first: "0", join: (total, x) => `${total} + ${x}` },
  Prod: { first: "1", join: (total, x) => `${total} * ${x}` },
  Max: { first: "-Infinity", join: (total, x) => `Math.max(${total}, ${x})` },
  Min: { first: "Infinity", join: (total, x) => `Math.min(${total}, ${x})` },
  All: { first: "1", join: (total, x) => `${total} !== 0 && ${x} !== 0 ? 1 : 0` },
  Any: { first: "0", join: (total, x) => `${total} !== 0 || ${x} !== 0 ? 1 : 0` },
};

/** Sums of paddings, as the gradients of slices make, stay sums of their parts. */
function addPadded(output: Value, ids: readonly number[], loops: Loops): boolean {
  const { places } = loops;
  if (ids.some((id) => places.countOf(id) !== sizeOf(output.shape) || loops.isGrowing(places.rootOf(id)))) return false;
  const parts = ids.map((id) => places.settled(id));
  if (!parts.every((part) => "padded" in part)) return false;
  const padded = parts.flatMap((part) => ("padded" in part ? part.padded : []));
  places.set(output, { padded, dtype: output.dtype });
  return true;
}

function elementwise(node: GraphNode, loops: Loops): void {
  const { places } = loops;
  const [output] = node.outputs as [Value];
  const ids = inputOrder[node.kernel]?.map((name) => inputOf(node, name)) ?? node.inputs.map(({ id }) => id);
  if ((node.kernel === "AddN" || node.kernel === "Add") && addPadded(output, ids, loops)) return;
  const cost = costly.has(node.kernel) ? 10 : 1;
  const text = (inputs: readonly string[]): string =>
    places.rounding(expressions[node.kernel]!(inputs, node.attrs), output.dtype);
  if (sizeOf(output.shape) === 1) {
    const inputs = ids.map((id) => places.scalar(id));
    places.operations += cost;
    places.set(output, { scalar: places.source.local(text(inputs)) });
    return;
  }
  const { loop, inputs } = loops.joined(node, ids, output.shape, cost);
  // Expressions may use an input twice.
  const local = places.source.name();
  loop.body.push(`const ${local} = ${text(inputs)};`);
  loop.locals.set(output.id, local);
}

function reduce(node: GraphNode, loops: Loops): void {
  const { places } = loops;
  const { source } = places;
  const [output] = node.outputs as [Value];
  const [{ id }] = node.inputs as [GraphNode["inputs"][number]];
  const { first, join } = reductions[node.kernel]!;
  const shape = places.shapeOf(id);
  const [size, left] = [sizeOf(shape), sizeOf(output.shape)];
  if (size === 1) return places.set(output, { scalar: places.scalar(id) });
  const { loop, inputs } = loops.joined(node, [id], shape, 1);
  const [x] = inputs as [string];
  const share = node.kernel === "Mean" ? ` / ${size / left}` : "";
  loop.pending.add(output.id);
  if (left === 1) {
    const total = source.name();
    loop.before.push(`let ${total} = ${first};`);
    loop.body.push(`${total} = ${join(total, x)};`);
    const result = source.claimed();
    loop.after.push(`const ${result} = ${places.rounding(total + share, output.dtype)};`);
    return places.set(output, { scalar: result });
  }
  const given = node.kernel === "Max" ? node.attrs["reductionIndices"] : node.attrs["axis"];
  const axes = new Set([given as number | number[]].flat().map((axis) => axisOf(axis, shape.length)));
  const own = stridesOf(shape.map((n, axis) => (axes.has(axis) ? 1 : n)));
  const map = walk(
    shape,
    own.map((stride, axis) => (axes.has(axis) ? 0 : stride)),
  );
  const buffer = places.buffer(output);
  const total = `b${buffer}[${places.indexed("i", map)}]`;
  loop.before.push(`b${buffer}.fill(${first});`);
  loop.body.push(`${total} = ${join(total, x)};`);
  loop.after.push(...places.rounded(buffer, left, output.dtype, share));
}

export const entrywise: Emitters = {
  ...Object.fromEntries(Object.keys(expressions).map((kernel) => [kernel, elementwise])),
  ...Object.fromEntries(Object.keys(reductions).map((kernel) => [kernel, reduce])),
};
