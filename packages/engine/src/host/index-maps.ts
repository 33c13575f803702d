/**
 * Kernels that move numbers without changing them, as index maps: entry i of the result is entry
 * `map[i]` of the input.
 */
import { slice_util as slicing } from "@tensorflow/tfjs-core";
import { sizeOf, type GraphNode } from "../graph.js";
import { stridedSliceOf } from "../recorder/shape-rules/layout.js";

/** Numbers to skip for one step along each axis. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  for (let axis = shape.length - 1, stride = 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}

/** The map of a result whose axes walk through the input with these strides. */
export function walk(shape: readonly number[], strides: readonly number[], offset = 0): Int32Array {
  const map = new Int32Array(sizeOf(shape));
  const at = new Array<number>(shape.length).fill(0);
  for (let i = 0, from = offset; i < map.length; i++) {
    map[i] = from;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++at[axis]! < shape[axis]!) break;
      from -= at[axis]! * strides[axis]!;
      at[axis] = 0;
    }
  }
  return map;
}

/** The map of a tensor that broadcasts to a larger shape. */
export function broadcastMap(from: readonly number[], to: readonly number[]): Int32Array {
  const missing = to.length - from.length;
  const own = stridesOf(from);
  return walk(
    to,
    to.map((_, axis) => (axis < missing || from[axis - missing] === 1 ? 0 : own[axis - missing]!)),
  );
}

const axesOf = (axes: unknown, rank: number): number[] =>
  [axes as number | readonly number[]].flat().map((axis) => (axis < 0 ? axis + rank : axis));

export const axisOf = (axis: unknown, rank: number): number => axesOf(axis, rank)[0]!;

type MapOf = (shape: readonly number[], node: GraphNode, output: number) => Int32Array;

export const indexMaps: Readonly<Record<string, MapOf>> = {
  Transpose: (shape, { attrs, outputs }) => {
    const strides = stridesOf(shape);
    return walk(
      outputs[0]!.shape,
      (attrs["perm"] as number[]).map((axis) => strides[axis]!),
    );
  },
  Slice: (shape, { attrs, outputs }) => {
    const [begin] = slicing.parseSliceParams(
      { shape: [...shape], rank: shape.length } as never,
      attrs["begin"] as number[],
      attrs["size"] as number[],
    );
    const strides = stridesOf(shape);
    const offset = begin!.reduce((sum, start, axis) => sum + start * strides[axis]!, 0);
    return walk(outputs[0]!.shape, strides, offset);
  },
  StridedSlice: (shape, { attrs }) => {
    const { begin, end, strides: steps } = stridedSliceOf(shape, attrs);
    const strides = stridesOf(shape);
    const sizes = begin.map((start, axis) => Math.max(0, Math.ceil((end[axis]! - start) / steps[axis]!)));
    const offset = begin.reduce((sum, start, axis) => sum + start * strides[axis]!, 0);
    return walk(
      sizes,
      strides.map((stride, axis) => stride * steps[axis]!),
      offset,
    );
  },
  Reverse: (shape, { attrs }) => {
    const strides = stridesOf(shape);
    const turned = new Set(axesOf(attrs["dims"], shape.length));
    const offset = strides.reduce((sum, stride, axis) => sum + (turned.has(axis) ? stride * (shape[axis]! - 1) : 0), 0);
    return walk(
      shape,
      strides.map((stride, axis) => (turned.has(axis) ? -stride : stride)),
      offset,
    );
  },
  Tile: (shape, { attrs, outputs }) => {
    const strides = stridesOf(shape);
    const reps = attrs["reps"] as number[];
    const split = shape.flatMap((size, axis) => [reps[axis]!, size]);
    const map = walk(
      split,
      shape.flatMap((_, axis) => [0, strides[axis]!]),
    );
    return map.length === sizeOf(outputs[0]!.shape) ? map : map.slice(0, 0);
  },
  Unpack: (shape, { attrs, outputs }, output) => {
    const strides = stridesOf(shape);
    const axis = axisOf(attrs["axis"], shape.length);
    return walk(
      outputs[0]!.shape,
      strides.filter((_, i) => i !== axis),
      output * strides[axis]!,
    );
  },
  SplitV: (shape, { attrs, outputs }, output) => {
    const strides = stridesOf(shape);
    const axis = axisOf(attrs["axis"], shape.length);
    const before = outputs.slice(0, output).reduce((sum, one) => sum + one.shape[axis]!, 0);
    return walk(outputs[output]!.shape, strides, before * strides[axis]!);
  },
};

/** Where the entries of a tensor go in the result of a concatenation, stack or padding. */
export function targetMap(shape: readonly number[], into: readonly number[], begin: readonly number[]): Int32Array {
  const strides = stridesOf(into);
  const offset = begin.reduce((sum, start, axis) => sum + start * strides[axis]!, 0);
  return walk(shape, strides, offset);
}
