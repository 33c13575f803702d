/** Kernels that move numbers: views, joins, paddings, and rows by index. */
import { UnsupportedKernelError } from "../errors.js";
import { sizeOf, type GraphNode, type Value } from "../graph.js";
import type { Emitter, Emitters } from "./emitters.js";
import { literal } from "./expressions.js";
import { axisOf, indexMaps, targetMap } from "./index-maps.js";
import type { Loops } from "./loops.js";
import { inputOf } from "./places.js";
import { forEach } from "./source.js";

function view(node: GraphNode, { places }: Loops): void {
  const id = node.inputs[0]!.id;
  const mapOf = indexMaps[node.kernel]!;
  node.outputs.forEach((output, i) =>
    places.set(output, places.viewed(places.of(id), places.countOf(id), mapOf(places.shapeOf(id), node, i))),
  );
}

function join(node: GraphNode, { places }: Loops): void {
  const [output] = node.outputs as [Value];
  const axis = axisOf(node.attrs["axis"], output.shape.length);
  if (sizeOf(output.shape) === 1) return places.set(output, places.of(node.inputs[0]!.id));
  const parts = node.inputs.map(({ id }) => places.of(id));
  const buffer = places.buffer(output);
  let start = 0;
  node.inputs.forEach(({ id }, i) => {
    const stacked = output.shape.map((n, at) => (at === axis ? 1 : n));
    const own = node.kernel === "Pack" ? stacked : places.shapeOf(id);
    const begin = own.map((_, at) => (at === axis ? start : 0));
    if (sizeOf(own) > 0) places.copy(parts[i]!, buffer, targetMap(own, output.shape, begin));
    start += own[axis]!;
  });
}

function pad(node: GraphNode, { places }: Loops): void {
  const [output] = node.outputs as [Value];
  const [{ id }] = node.inputs as [GraphNode["inputs"][number]];
  const paddings = node.attrs["paddings"] as [number, number][];
  const fill = (node.attrs["constantValue"] ?? 0) as number;
  const from = places.of(id);
  if (sizeOf(output.shape) === places.countOf(id)) return places.set(output, from);
  const begin = paddings.map(([before]) => before);
  const to = targetMap(places.shapeOf(id), output.shape, begin);
  if (fill === 0) return places.set(output, { padded: [{ from, to }], dtype: output.dtype });
  const buffer = places.buffer(output);
  places.source.add([`b${buffer}.fill(${places.rounding(literal(fill), output.dtype)});`]);
  places.copy(from, buffer, to);
}

/** The map of rows of `width` numbers at known indices, for each block of `rows` of them. */
function rowMap(known: ArrayLike<number>, outer: number, rows: number, width: number): Int32Array {
  const map = new Int32Array(outer * known.length * width);
  let to = 0;
  for (let o = 0; o < outer; o++) {
    for (let n = 0; n < known.length; n++) {
      for (let i = 0; i < width; i++) map[to++] = (o * rows + known[n]!) * width + i;
    }
  }
  return map;
}

function gather(node: GraphNode, { places }: Loops): void {
  const [output] = node.outputs as [Value];
  const [x, at] = [inputOf(node, "x"), inputOf(node, "indices")];
  if (((node.attrs["batchDims"] ?? 0) as number) > 0) throw new UnsupportedKernelError("GatherV2", "host", []);
  const shape = places.shapeOf(x);
  const axis = axisOf(node.attrs["axis"], shape.length);
  const [rows, width] = [shape[axis]!, sizeOf(shape.slice(axis + 1))];
  const known = places.numbersOf(at);
  if (known !== undefined) {
    if (Array.from(known).some((index) => index < 0 || index >= rows)) {
      throw new UnsupportedKernelError("GatherV2", "host", []);
    }
    const map = rowMap(known, sizeOf(shape.slice(0, axis)), rows, width);
    return places.set(output, places.viewed(places.of(x), places.countOf(x), map));
  }
  const from = places.inOrder(x);
  const by = places.integers(at);
  const buffer = places.buffer(output);
  places.operations += sizeOf(output.shape);
  const sizes = JSON.stringify({ rows, width, name: places.nameOf(node) });
  places.source.add([`h.gather(b${from.buffer}, ${from.offset}, ${by}, b${buffer}, ${sizes});`]);
}

function scatter(node: GraphNode, { places }: Loops): void {
  const [output] = node.outputs as [Value];
  const [x, ids] = [inputOf(node, "x"), inputOf(node, "segmentIds")];
  const from = places.inOrder(x);
  const by = places.integers(ids);
  const buffer = places.buffer(output);
  places.operations += places.countOf(x);
  const width = places.countOf(x) / places.countOf(ids);
  places.source.add([
    `h.scatter(b${from.buffer}, ${from.offset}, ${by}, b${buffer}, ${width});`,
    ...places.rounded(buffer, sizeOf(output.shape), output.dtype),
  ]);
}

function oneHot(node: GraphNode, { places }: Loops): void {
  const [output] = node.outputs as [Value];
  const { depth, onValue = 1, offValue = 0 } = node.attrs as { depth: number; onValue?: number; offValue?: number };
  const by = places.integers(node.inputs[0]!.id);
  const size = sizeOf(output.shape);
  const buffer = places.buffer(output);
  places.operations += size;
  const value = `${by}[Math.floor(i / ${depth})] === i % ${depth} ? ${onValue} : ${offValue}`;
  places.source.add(forEach(size, [`b${buffer}[i] = ${places.rounding(`(${value})`, output.dtype)};`]));
}

const filled =
  (value: number): Emitter =>
  ({ outputs }, { places }) =>
    places.constant(outputs[0]!, new Float64Array(sizeOf(outputs[0]!.shape)).fill(value));

export const moves: Emitters = {
  ...Object.fromEntries(Object.keys(indexMaps).map((kernel) => [kernel, view])),
  Concat: join,
  Pack: join,
  PadV2: pad,
  GatherV2: gather,
  UnsortedSegmentSum: scatter,
  OneHot: oneHot,
  ZerosLike: filled(0),
  OnesLike: filled(1),
};
