/**
 * Turns a recorded graph into JavaScript in float64.
 *
 * A value of one number becomes a local constant. Larger values that are computed entry by entry
 * share a loop with their neighbours, sums included, and are stored only where something outside
 * the loop reads them. Slices, transposes and the like are index maps of what they slice. So a
 * recursion over time is straight-line code, and a regression one loop over its data.
 */
import { UnsupportedKernelError } from "../errors.js";
import { sizeOf, valuesOf, type Graph, type GraphNode, type Value } from "../graph.js";
import { costly, expressions, inputOrder, literal } from "./elementwise.js";
import { axisOf, broadcastMap, indexMaps, stridesOf, targetMap, walk } from "./index-maps.js";
import { Source } from "./source.js";

/** Kernels that only change the shape. */
const renaming = new Set(["Reshape", "ExpandDims"]);

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

const others = new Set(
  "Concat Pack PadV2 BatchMatMul Cumsum Cumprod GatherV2 UnsortedSegmentSum OneHot Softmax ZerosLike OnesLike Identity".split(
    " ",
  ),
);

/** Whether code can be generated for a kernel. */
export const supportsOnHost = (kernel: string): boolean =>
  kernel in expressions || kernel in reductions || kernel in indexMaps || renaming.has(kernel) || others.has(kernel);

/** Entries of a buffer: all in order from `offset`, or those of `map`. */
interface Stored {
  readonly buffer: number;
  readonly offset: number;
  readonly map?: Int32Array;
}

/** Where a value is: a constant expression, entries of a buffer, or parts of a sum of paddings. */
type Place =
  | { readonly scalar: string }
  | Stored
  | { readonly padded: readonly { readonly from: Place; readonly to: Int32Array }[] };

/** A loop that is still growing. */
interface Loop {
  readonly size: number;
  readonly before: string[];
  readonly body: string[];
  readonly after: string[];
  /** Locals of the body by the value they hold. */
  readonly locals: Map<number, string>;
  /** Results of reductions, known only after the loop. */
  readonly pending: Set<number>;
  readonly nodes: Set<GraphNode>;
  operations: number;
}

const isRun = (map: Int32Array): boolean => map.every((at, i) => at === map[0]! + i);

/** What generated code computes, and the buffers that it reads and writes. */
export interface Generated {
  readonly source: Source;
  /** Buffers of the inputs and outputs, in the order of the graph. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** Additions, about, of one run. */
  readonly operations: number;
}

/** @throws UnsupportedKernelError for a kernel without code. */
export function generate(graph: Graph): Generated {
  const specs = valuesOf(graph);
  const source = new Source();
  const places = new Map<number, Place>();
  const constants = new Map<number, ArrayLike<number>>();
  const roots = new Map<number, number>();
  const rootOf = (id: number): number => roots.get(id) ?? id;
  const consumers = new Map<number, GraphNode[]>();
  const kept = new Set<number>();
  let operations = 0;
  let loop: Loop | undefined;

  for (const node of graph.nodes) {
    if (!supportsOnHost(node.kernel)) throw new UnsupportedKernelError(node.kernel, "host", []);
    if (renaming.has(node.kernel)) roots.set(node.outputs[0]!.id, rootOf(node.inputs[0]!.id));
    for (const { id } of node.inputs) {
      if (renaming.has(node.kernel)) continue;
      const list = consumers.get(rootOf(id)) ?? [];
      list.push(node);
      consumers.set(rootOf(id), list);
    }
  }
  for (const id of graph.outputs) kept.add(rootOf(id));

  const shapeOf = (id: number): readonly number[] => specs.get(id)!.shape;
  const countOf = (id: number): number => sizeOf(shapeOf(id));

  /** Writes the loop that grew, and stores what others read of it. */
  function flush(): void {
    const done = loop;
    if (done === undefined) return;
    loop = undefined;
    for (const [id, local] of done.locals) {
      const outside = kept.has(id) || (consumers.get(id) ?? []).some((node) => !done.nodes.has(node));
      if (!outside) continue;
      const buffer = source.buffer(done.size);
      done.body.push(`b${buffer}[i] = ${local};`);
      places.set(id, { buffer, offset: 0 });
    }
    source.add([
      ...done.before,
      `for (let i = 0; i < ${done.size}; i++) {`,
      ...done.body.map((line) => `  ${line}`),
      "}",
      ...done.after,
    ]);
    operations += done.operations * done.size;
  }

  const isPending = (id: number): boolean => loop !== undefined && (loop.pending.has(id) || loop.locals.has(id));

  /** The place of a value, after the loop that computes it. */
  function placeOf(id: number): Place {
    const root = rootOf(id);
    if (isPending(root)) flush();
    return places.get(root)!;
  }

  /** Puts a place into a buffer of its own. */
  function dense(place: Place, size: number): Stored {
    if ("buffer" in place) return place;
    const buffer = source.buffer(size);
    if ("scalar" in place) {
      source.add([`b${buffer}[0] = ${place.scalar};`]);
      return { buffer, offset: 0 };
    }
    source.add([`b${buffer}.fill(0);`]);
    for (const { from, to } of place.padded) copy(from, buffer, to, "+=");
    return { buffer, offset: 0 };
  }

  /** Writes the entries of a place to those places of a buffer. */
  function copy(from: Place, buffer: number, to: Int32Array, sign: "=" | "+="): void {
    if ("scalar" in from) {
      to.forEach((at) => source.add([`b${buffer}[${at}] ${sign} ${from.scalar};`]));
      return;
    }
    const read = dense(from, to.length);
    operations += to.length;
    source.add([`for (let i = 0; i < ${to.length}; i++) b${buffer}[${indexed("i", to)}] ${sign} ${entry(read, "i")};`]);
  }

  /** An index of a loop through a map. */
  const indexed = (i: string, map: Int32Array): string =>
    isRun(map) ? (map[0] ? `${i} + ${map[0]}` : i) : `m${source.map(map)}[${i}]`;

  const entry = ({ buffer, offset, map }: Stored, i: string): string =>
    map === undefined ? `b${buffer}[${offset ? `${i} + ${offset}` : i}]` : `b${buffer}[${indexed(i, map)}]`;

  /** A place whose entries lie one behind the other. */
  function inOrder(place: Place, size: number): Stored {
    const read = dense(place, size);
    if (read.map === undefined) return read;
    const buffer = source.buffer(size);
    operations += size;
    source.add([`for (let i = 0; i < ${size}; i++) b${buffer}[i] = ${entry(read, "i")};`]);
    return { buffer, offset: 0 };
  }

  const store = (value: Value, place: Place): void => {
    places.set(value.id, place);
  };

  /** A view of some entries of a place. */
  function viewed(place: Place, size: number, map: Int32Array): Place {
    if ("scalar" in place) return place;
    const { buffer, offset, map: before } = dense(place, size);
    const composed = map.map((at) => (before === undefined ? offset + at : before[at]!));
    if (composed.length === 1) return { scalar: `b${buffer}[${composed[0]}]` };
    return isRun(composed) ? { buffer, offset: composed[0]! } : { buffer, offset: 0, map: composed };
  }

  /** The expression of an input of an entry of the loop. */
  function inLoop(id: number, shape: readonly number[]): string | undefined {
    const root = rootOf(id);
    const own = shapeOf(id);
    const size = sizeOf(shape);
    const same = sizeOf(own) === size;
    if (loop?.locals.has(root)) return same ? loop.locals.get(root)! : undefined;
    if (loop?.pending.has(root)) return undefined;
    const place = places.get(root)!;
    if ("scalar" in place) return place.scalar;
    const read = dense(place, sizeOf(own));
    places.set(root, read);
    if (same) return entry(read, "i");
    return entry(viewed(read, sizeOf(own), broadcastMap(own, shape)) as Stored, "i");
  }

  /**
   * The loop over so many entries in which all of these values can be read, with their expressions.
   */
  function joined(ids: readonly number[], shape: readonly number[]): { at: Loop; inputs: string[] } {
    const size = sizeOf(shape);
    if (loop !== undefined && loop.size !== size) flush();
    let inputs = ids.map((id) => inLoop(id, shape));
    if (inputs.includes(undefined)) {
      flush();
      inputs = ids.map((id) => inLoop(id, shape));
    }
    loop ??= {
      size,
      before: [],
      body: [],
      after: [],
      locals: new Map(),
      pending: new Set(),
      nodes: new Set(),
      operations: 0,
    };
    return { at: loop, inputs: inputs as string[] };
  }

  const cost = (kernel: string): number => (costly.has(kernel) ? 10 : 1);

  function elementwise(node: GraphNode): void {
    const [output] = node.outputs as [Value];
    const names = inputOrder[node.kernel];
    const ids =
      names === undefined
        ? node.inputs.map(({ id }) => id)
        : names.map((name) => node.inputs.find((one) => one.name === name)!.id);
    if ((node.kernel === "AddN" || node.kernel === "Add") && addPadded(output, ids)) return;
    const text = (inputs: readonly string[]): string => {
      const made = expressions[node.kernel]!(inputs, node.attrs);
      return output.dtype === "int32" && node.kernel !== "Cast" ? `Math.trunc(${made})` : made;
    };
    const size = sizeOf(output.shape);
    if (size === 1) {
      const inputs = ids.map((id) => scalarOf(placeOf(id)));
      operations += cost(node.kernel);
      store(output, { scalar: source.local(text(inputs)) });
      return;
    }
    const { at, inputs } = joined(ids, output.shape);
    at.nodes.add(node);
    at.operations += cost(node.kernel);
    // Expressions may use an input twice.
    const local = source.name();
    at.body.push(`const ${local} = ${text(inputs)};`);
    at.locals.set(output.id, local);
  }

  const scalarOf = (place: Place): string => {
    if ("scalar" in place) return place.scalar;
    const read = dense(place, 1);
    return `b${read.buffer}[${read.map === undefined ? read.offset : read.map[0]}]`;
  };

  /** Sums of paddings, as the gradients of slices make, stay sums of their parts. */
  function addPadded(output: Value, ids: readonly number[]): boolean {
    if (ids.some((id) => countOf(id) !== sizeOf(output.shape) || isPending(rootOf(id)))) return false;
    const parts = ids.map((id) => places.get(rootOf(id))!);
    if (!parts.every((part) => "padded" in part)) return false;
    store(output, { padded: parts.flatMap((part) => ("padded" in part ? part.padded : [])) });
    return true;
  }

  function reduce(node: GraphNode): void {
    const [output] = node.outputs as [Value];
    const [{ id }] = node.inputs as [GraphNode["inputs"][number]];
    const { first, join } = reductions[node.kernel]!;
    const shape = shapeOf(id);
    const [size, left] = [sizeOf(shape), sizeOf(output.shape)];
    if (size === 1) return store(output, { scalar: scalarOf(placeOf(id)) });
    const { at, inputs } = joined([id], shape);
    at.nodes.add(node);
    at.operations += 1;
    const [x] = inputs as [string];
    const share = node.kernel === "Mean" ? ` / ${size / left}` : "";
    at.pending.add(output.id);
    if (left === 1) {
      const total = source.name();
      at.before.push(`let ${total} = ${first};`);
      at.body.push(`${total} = ${join(total, x)};`);
      const result = source.claimed();
      at.after.push(`const ${result} = ${total}${share};`);
      return store(output, { scalar: result });
    }
    const axes = new Set(
      [(node.kernel === "Max" ? node.attrs["reductionIndices"] : node.attrs["axis"]) as number | number[]]
        .flat()
        .map((axis) => axisOf(axis, shape.length)),
    );
    const keptShape = shape.map((n, axis) => (axes.has(axis) ? 1 : n));
    const own = stridesOf(keptShape);
    const map = walk(
      shape,
      own.map((stride, axis) => (axes.has(axis) ? 0 : stride)),
    );
    const buffer = source.buffer(left);
    const total = `b${buffer}[${indexed("i", map)}]`;
    at.before.push(`b${buffer}.fill(${first});`);
    at.body.push(`${total} = ${join(total, x)};`);
    if (share !== "") at.after.push(`for (let i = 0; i < ${left}; i++) b${buffer}[i] /= ${size / left};`);
    store(output, { buffer, offset: 0 });
  }

  function join(node: GraphNode): void {
    const [output] = node.outputs as [Value];
    const stack = node.kernel === "Pack";
    const rank = output.shape.length;
    const axis = axisOf(node.attrs["axis"], rank);
    if (sizeOf(output.shape) === 1) return store(output, placeOf(node.inputs[0]!.id));
    const parts = node.inputs.map(({ id }) => placeOf(id));
    const buffer = source.buffer(sizeOf(output.shape));
    let start = 0;
    node.inputs.forEach(({ id }, i) => {
      const own = stack ? output.shape.map((n, at) => (at === axis ? 1 : n)) : shapeOf(id);
      const begin = own.map((_, at) => (at === axis ? start : 0));
      if (sizeOf(own) > 0) copy(parts[i]!, buffer, targetMap(own, output.shape, begin), "=");
      start += own[axis]!;
    });
    store(output, { buffer, offset: 0 });
  }

  function pad(node: GraphNode): void {
    const [output] = node.outputs as [Value];
    const [{ id }] = node.inputs as [GraphNode["inputs"][number]];
    const paddings = node.attrs["paddings"] as [number, number][];
    const fill = (node.attrs["constantValue"] ?? 0) as number;
    const from = placeOf(id);
    if (sizeOf(output.shape) === countOf(id)) return store(output, from);
    const to = targetMap(
      shapeOf(id),
      output.shape,
      paddings.map(([before]) => before),
    );
    if (fill === 0) return store(output, { padded: [{ from, to }] });
    const buffer = source.buffer(sizeOf(output.shape));
    source.add([`b${buffer}.fill(${literal(fill)});`]);
    copy(from, buffer, to, "=");
    store(output, { buffer, offset: 0 });
  }

  function product(node: GraphNode): void {
    const [output] = node.outputs as [Value];
    const [a, b] = ["a", "b"].map((name) => node.inputs.find((one) => one.name === name)!.id) as [number, number];
    const [places_, shapes] = [[a, b].map((id) => inOrder(placeOf(id), countOf(id))), [a, b].map(shapeOf)];
    const [transposeA, transposeB] = [Boolean(node.attrs["transposeA"]), Boolean(node.attrs["transposeB"])];
    const [rows, columns] = output.shape.slice(-2) as [number, number];
    const inner = shapes[0]!.at(transposeA ? -2 : -1)!;
    const batch = output.shape.slice(0, -2);
    const [offsetsA, offsetsB] = shapes.map((shape, i) => {
      const each = sizeOf(shape.slice(-2));
      return broadcastMap(shape.slice(0, -2), batch).map((at) => places_[i]!.offset + at * each);
    }) as [Int32Array, Int32Array];
    const offsets = [...offsetsA].map((at, i) => [at, offsetsB[i]!]);
    const buffer = source.buffer(sizeOf(output.shape));
    operations += sizeOf(output.shape) * inner;
    const shape = JSON.stringify({ rows, inner, columns, transposeA, transposeB });
    const [from, by] = places_ as [Stored, Stored];
    source.add([`h.BatchMatMul(b${from.buffer}, b${by.buffer}, b${buffer}, k${source.constant(offsets)}, ${shape});`]);
    store(output, { buffer, offset: 0 });
  }

  /** A kernel that a helper computes from its first input, whose entries lie in order. */
  function byHelper(node: GraphNode, name: string, rest: (shape: readonly number[]) => object | number): void {
    const [output] = node.outputs as [Value];
    const [{ id }] = node.inputs as [GraphNode["inputs"][number]];
    const from = inOrder(placeOf(id), countOf(id));
    const buffer = source.buffer(sizeOf(output.shape));
    operations += 10 * sizeOf(output.shape);
    source.add([`h.${name}(b${from.buffer}, ${from.offset}, b${buffer}, ${JSON.stringify(rest(shapeOf(id)))});`]);
    store(output, { buffer, offset: 0 });
  }

  /** The source text of the integers of a value. */
  function indices(id: number): string {
    const known = constants.get(rootOf(id));
    if (known !== undefined) return `k${source.constant([...(known as Iterable<number> & ArrayLike<number>)])}`;
    const { buffer, offset } = inOrder(placeOf(id), countOf(id));
    return `b${buffer}.subarray(${offset}, ${offset + countOf(id)})`;
  }

  function gather(node: GraphNode): void {
    const [output] = node.outputs as [Value];
    const [x, at] = ["x", "indices"].map((name) => node.inputs.find((one) => one.name === name)!.id) as [
      number,
      number,
    ];
    if (((node.attrs["batchDims"] ?? 0) as number) > 0) throw new UnsupportedKernelError("GatherV2", "host", []);
    const shape = shapeOf(x);
    const axis = axisOf(node.attrs["axis"], shape.length);
    const [rows, width] = [shape[axis]!, sizeOf(shape.slice(axis + 1))];
    const known = constants.get(rootOf(at));
    if (known !== undefined) {
      const outer = sizeOf(shape.slice(0, axis));
      const map = new Int32Array(sizeOf(output.shape));
      let to = 0;
      for (let o = 0; o < outer; o++) {
        for (let n = 0; n < known.length; n++) {
          for (let i = 0; i < width; i++) map[to++] = (o * rows + known[n]!) * width + i;
        }
      }
      return store(output, viewed(placeOf(x), countOf(x), map));
    }
    const from = inOrder(placeOf(x), countOf(x));
    const by = indices(at);
    const buffer = source.buffer(sizeOf(output.shape));
    operations += sizeOf(output.shape);
    source.add([`h.gather(b${from.buffer}, ${from.offset}, ${by}, b${buffer}, ${JSON.stringify({ rows, width })});`]);
    store(output, { buffer, offset: 0 });
  }

  function scatter(node: GraphNode): void {
    const [output] = node.outputs as [Value];
    const [x, ids] = ["x", "segmentIds"].map((name) => node.inputs.find((one) => one.name === name)!.id) as [
      number,
      number,
    ];
    const from = inOrder(placeOf(x), countOf(x));
    const by = indices(ids);
    const buffer = source.buffer(sizeOf(output.shape));
    operations += countOf(x);
    const width = countOf(x) / countOf(ids);
    source.add([`h.scatter(b${from.buffer}, ${from.offset}, ${by}, b${buffer}, ${width});`]);
    store(output, { buffer, offset: 0 });
  }

  function oneHot(node: GraphNode): void {
    const [output] = node.outputs as [Value];
    const { depth, onValue = 1, offValue = 0 } = node.attrs as { depth: number; onValue?: number; offValue?: number };
    const by = indices(node.inputs[0]!.id);
    const size = sizeOf(output.shape);
    const buffer = source.buffer(size);
    operations += size;
    source.add([
      `for (let i = 0; i < ${size}; i++) b${buffer}[i] = ${by}[Math.floor(i / ${depth})] === i % ${depth} ? ${onValue} : ${offValue};`,
    ]);
    store(output, { buffer, offset: 0 });
  }

  function filled(node: GraphNode, value: number): void {
    const [output] = node.outputs as [Value];
    constant(output, new Float64Array(sizeOf(output.shape)).fill(value));
  }

  function constant(value: Value, data: ArrayLike<number>): void {
    constants.set(value.id, data);
    if (data.length === 1) return store(value, { scalar: literal(data[0]!) });
    store(value, { buffer: source.buffer(data.length, Float64Array.from(data)), offset: 0 });
  }

  const inputs = graph.inputs.map(({ value }) => {
    const buffer = source.buffer(sizeOf(value.shape));
    store(value, sizeOf(value.shape) === 1 ? { scalar: `b${buffer}[0]` } : { buffer, offset: 0 });
    return buffer;
  });
  graph.constants.forEach(({ value, data }) => constant(value, data));

  for (const node of graph.nodes) {
    const { kernel } = node;
    if (renaming.has(kernel)) continue;
    if (kernel === "Identity") roots.set(node.outputs[0]!.id, rootOf(node.inputs[0]!.id));
    else if (kernel in expressions) elementwise(node);
    else if (kernel in reductions) reduce(node);
    else if (kernel in indexMaps) {
      const id = node.inputs[0]!.id;
      node.outputs.forEach((output, i) =>
        store(output, viewed(placeOf(id), countOf(id), indexMaps[kernel]!(shapeOf(id), node, i))),
      );
    } else if (kernel === "Concat" || kernel === "Pack") join(node);
    else if (kernel === "PadV2") pad(node);
    else if (kernel === "BatchMatMul") product(node);
    else if (kernel === "GatherV2") gather(node);
    else if (kernel === "UnsortedSegmentSum") scatter(node);
    else if (kernel === "OneHot") oneHot(node);
    else if (kernel === "ZerosLike") filled(node, 0);
    else if (kernel === "OnesLike") filled(node, 1);
    else if (kernel === "Softmax") byHelper(node, "softmax", (shape) => shape.at(-1) ?? 1);
    else
      byHelper(node, "cumulate", (shape) => {
        const axis = axisOf(node.attrs["axis"], shape.length);
        return {
          length: shape[axis],
          step: sizeOf(shape.slice(axis + 1)),
          exclusive: Boolean(node.attrs["exclusive"]),
          reverse: Boolean(node.attrs["reverse"]),
          product: kernel === "Cumprod",
        };
      });
  }
  flush();
  const outputs = graph.outputs.map((id) => {
    const size = countOf(id);
    const place = inOrder(placeOf(id), size);
    const buffer = source.buffer(size);
    copy(
      place,
      buffer,
      Int32Array.from({ length: size }, (_, i) => i),
      "=",
    );
    return buffer;
  });
  return { source, inputs, outputs, operations };
}
