/** Kernels that a function of `helpers` computes as a whole. */
import { sizeOf, type GraphNode, type Value } from "../graph.js";
import type { Emitter, Emitters } from "./emitters.js";
import { axisOf, broadcastMap } from "./index-maps.js";
import type { Loops } from "./loops.js";
import { inputOf } from "./places.js";

function product(node: GraphNode, { places }: Loops): void {
  const [output] = node.outputs as [Value];
  const ids = [inputOf(node, "a"), inputOf(node, "b")];
  const [from, shapes] = [ids.map((id) => places.inOrder(id)), ids.map((id) => places.shapeOf(id))];
  const [transposeA, transposeB] = [Boolean(node.attrs["transposeA"]), Boolean(node.attrs["transposeB"])];
  const [rows, columns] = output.shape.slice(-2) as [number, number];
  const inner = shapes[0]!.at(transposeA ? -2 : -1)!;
  const batch = output.shape.slice(0, -2);
  const [offsetsA, offsetsB] = shapes.map((shape, i) => {
    const each = sizeOf(shape.slice(-2));
    return broadcastMap(shape.slice(0, -2), batch).map((at) => from[i]!.offset + at * each);
  }) as [Int32Array, Int32Array];
  const offsets = places.source.constant([...offsetsA].map((at, i) => [at, offsetsB[i]!]));
  const buffer = places.buffer(output);
  places.operations += sizeOf(output.shape) * inner;
  const sizes = JSON.stringify({ rows, inner, columns, transposeA, transposeB });
  const [a, b] = from.map((one) => `b${one.buffer}`) as [string, string];
  places.source.add([
    `h.BatchMatMul(${a}, ${b}, b${buffer}, k${offsets}, ${sizes});`,
    ...places.rounded(buffer, sizeOf(output.shape), output.dtype),
  ]);
}

/** A helper of the first input, whose entries lie in order, and of a number or an object. */
const byHelper =
  (name: string, rest: (shape: readonly number[], attrs: GraphNode["attrs"]) => object | number): Emitter =>
  ({ inputs, outputs, attrs }, { places }) => {
    const id = inputs[0]!.id;
    const [output] = outputs as [Value];
    const from = places.inOrder(id);
    const buffer = places.buffer(output);
    places.operations += 10 * places.countOf(id);
    const more = JSON.stringify(rest(places.shapeOf(id), attrs));
    places.source.add([
      `h.${name}(b${from.buffer}, ${from.offset}, b${buffer}, ${more});`,
      ...places.rounded(buffer, sizeOf(output.shape), output.dtype),
    ]);
  };

const cumulated = (product: boolean): Emitter =>
  byHelper("cumulate", (shape, attrs) => {
    const axis = axisOf(attrs["axis"], shape.length);
    const [exclusive, reverse] = [Boolean(attrs["exclusive"]), Boolean(attrs["reverse"])];
    return { length: shape[axis], step: sizeOf(shape.slice(axis + 1)), exclusive, reverse, product };
  });

export const helped: Emitters = {
  BatchMatMul: product,
  Softmax: byHelper("softmax", (shape) => shape.at(-1) ?? 1),
  Cumsum: cumulated(false),
  Cumprod: cumulated(true),
};
