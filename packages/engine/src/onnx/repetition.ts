/** Lowers blocks of nodes that repeat to a `Scan`, which holds one block. */
import { readsOf, sizeOf, type Graph, type GraphNode, type TensorSpec, type Value } from "../graph.js";
import { isRepetition, type Repetition } from "../passes/repetition.js";
import type { Values } from "./blocked/values.js";
import type { OnnxBuilder } from "./builder.js";

/** The rows of one tensor. */
export const stackOf = (rows: readonly Value[]): TensorSpec => ({
  shape: [rows.length, ...rows[0]!.shape],
  dtype: rows[0]!.dtype,
});

/** Tensors of one shape as the rows of one tensor. */
function stack(builder: OnnxBuilder, names: readonly string[], { shape }: Value): string {
  const joined = shape.length === 0 ? names.map((name) => builder.reshape(name, [1])) : names;
  return builder.reshape(builder.op("Concat", joined, { axis: 0 }), [names.length, ...shape]);
}

/**
 * Draws of which each turn of a loop reads one, and nothing else reads any: the indices of these
 * inputs.
 */
export function drawsOfLoops(graph: Graph, steps: readonly (GraphNode | Repetition)[]): number[][] {
  const reads = readsOf(graph);
  const draws = new Map(
    graph.inputs.flatMap(({ value, source }, i) => (source.kind === "random" ? [[value.id, i]] : [])),
  );
  return steps.filter(isRepetition).flatMap(({ nodes, scanned }) =>
    scanned.flatMap(({ parts, inside }) => {
      const own = nodes.flatMap(({ inputs }) => inputs).filter(({ id }) => id === inside.id).length;
      const joined = parts.every((id) => draws.has(id) && reads.get(id) === own);
      return joined ? [parts.map((id) => draws.get(id)!)] : [];
    }),
  );
}

/**
 * The node that multiplies such rows by a number which all turns share, before anything else reads
 * them.
 */
function factorOf(inside: Value, { nodes, carried, scanned }: Repetition, values: Values) {
  const [node, ...others] = nodes.filter(({ inputs }) => inputs.some(({ id }) => id === inside.id));
  if (node?.kernel !== "Multiply" || others.length > 0) return undefined;
  const changing = new Set([...nodes.flatMap(({ outputs }) => outputs), ...[...carried, ...scanned].map((one) => one.inside)].map(({ id }) => id)); // prettier-ignore
  const factor = node.inputs.map(({ id }) => id).find((id) => !changing.has(id));
  const isNumber = factor !== undefined && sizeOf(values.spec(factor).shape) === 1;
  return isNumber && node.outputs[0]!.shape.join() === inside.shape.join() ? { node, factor } : undefined;
}

/** Defines the values after `repetition` in `values`. `lower` lowers a node of the block. */
export function lowerRepetition(
  builder: OnnxBuilder,
  repetition: Repetition,
  values: Values,
  lower: (node: GraphNode, values: Values) => void,
): void {
  const { count, nodes: all, carried, stacked } = repetition;
  const states = carried.map(({ initial, inside }) => ({ name: values.in("plain", initial), spec: inside }));
  const scanned = repetition.scanned.map(({ parts, inside }) => {
    const rows = values.stack(parts, () => stack(builder, parts.map((id) => values.in("plain", id)), inside)); // prettier-ignore
    const first = factorOf(inside, repetition, values);
    if (first === undefined) return { rows, inside, done: undefined };
    const factor = builder.reshape(values.in("plain", first.factor), []);
    return { rows: builder.op("Mul", [rows, factor]), inside: first.node.outputs[0]!, done: first.node };
  });
  const nodes = all.filter((node) => !scanned.some(({ done }) => done === node));
  const rows = scanned.map(({ rows: name, inside }) => ({ name, spec: inside }));
  const read = [...carried, ...scanned].map(({ inside }) => inside);
  const results = builder.scan(count, states, rows, (names) => {
    const inner = values.inside([...read, ...nodes.flatMap(({ outputs }) => outputs)]);
    read.forEach(({ id }, i) => inner.define(id, "plain", names[i]!));
    for (const node of nodes) lower(node, inner);
    return [...carried.map(({ next }) => next), ...stacked.map(({ inside }) => inside)].map((id) =>
      inner.in("plain", id),
    );
  });
  carried.forEach(({ last }, i) => values.define(last.id, "plain", results[i]!));
  stacked.forEach(({ parts }, i) => {
    const rowsOf = builder.many("Split", [results[carried.length + i]!], count, { axis: 0, num_outputs: count });
    for (const [row, { id, shape }] of parts) values.define(id, "plain", builder.reshape(rowsOf[row]!, shape));
  });
}
