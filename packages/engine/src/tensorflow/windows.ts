/** Strides, paddings and dilations of sliding windows, in the format of TensorFlow's operations. */
import type { DType, TensorSpec } from "../graph.js";
import type { WindowAxis } from "../recorder/geometry.js";
import type { GraphDefBuilder } from "./builder.js";
import { padded, sliceOf, type Paddings } from "./layout.js";

/** Spatial lengths with `end` for the batch and channel axes. */
export const aroundSpace = (lengths: readonly number[], end = 1): number[] => [end, ...lengths, end];

/** Number of entries that a window spans, gaps included. */
export const reachOf = ({ window, dilation }: WindowAxis): number => (window - 1) * dilation + 1;

/** Size of the axis with its padding, without skipped entries. */
export const paddedSize = ({ size, before, after }: WindowAxis): number => before + size + after;

type Shape = readonly number[];

/** The tensor with a frame of `value`. A negative frame crops. */
function framed(builder: GraphDefBuilder, x: string, dtype: DType, shape: Shape, frame: Paddings, value = 0): string {
  const cut = frame.map((ends) => ends.map((end) => Math.max(0, -end)) as [number, number]);
  const size = shape.map((length, i) => length - cut[i]![0] - cut[i]![1]);
  const begin = cut.map(([before]) => before);
  const kept = cut.flat().some((end) => end > 0) ? sliceOf(builder, x, dtype, begin, size) : x;
  const added = frame.map(([before, after]) => [Math.max(0, before), Math.max(0, after)] as const);
  return padded(builder, kept, dtype, added, value);
}

/**
 * Padding of the spatial axes, negative where entries are skipped. The opposite sign inverts it.
 */
const frameOf = (axes: readonly WindowAxis[], sign: 1 | -1): Paddings => [
  [0, 0],
  ...axes.map(({ before, skipped, after }) => [sign * (before - skipped), sign * after] as const),
  [0, 0],
];

/**
 * The image with explicit padding and without skipped entries, so that all windows lie inside it.
 */
export const padSpace = (
  builder: GraphDefBuilder,
  x: string,
  { shape, dtype }: TensorSpec,
  axes: readonly WindowAxis[],
  value = 0,
): string => framed(builder, x, dtype, shape, frameOf(axes, 1), value);

/** The gradient of an image from that of the padded image. */
export const cropSpace = (
  builder: GraphDefBuilder,
  dx: string,
  { shape, dtype }: TensorSpec,
  axes: readonly WindowAxis[],
): string => framed(builder, dx, dtype, [shape[0]!, ...axes.map(paddedSize), shape.at(-1)!], frameOf(axes, -1));

/** Every `strides`-th entry. */
export function thinned(
  builder: GraphDefBuilder,
  x: string,
  dtype: DType,
  shape: Shape,
  strides: readonly number[],
): string {
  if (strides.every((stride) => stride === 1)) return x;
  const lists = [shape.map(() => 0), shape, strides].map((list) => builder.ints(list));
  return builder.op("StridedSlice", [x, ...lists], { T: dtype, Index: "int32" });
}

/** The inverse of `thinned`: fills the shape with zeros between the entries. */
export function spread(
  builder: GraphDefBuilder,
  x: string,
  dtype: DType,
  shape: Shape,
  strides: readonly number[],
): string {
  if (strides.every((stride) => stride === 1)) return x;
  const lists = [shape, shape.map(() => 0), shape, strides].map((list) => builder.ints(list));
  return builder.op("StridedSliceGrad", [...lists, x], { T: dtype, Index: "int32" });
}
