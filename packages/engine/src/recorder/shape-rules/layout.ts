/** Kernels that move numbers without changing them: reshape, slice, concatenate, pad, blocks. */
import { backend_util as backend, slice_util as slicing, util } from "@tensorflow/tfjs-core";
import { assertChannelsLast } from "../geometry.js";
import { areEqual, assertAlike, assertShapes, shapeText } from "./checks.js";
import { dims, each, input, listed, sameAs, type KernelAttrs, type ShapeRules } from "./rule.js";

/**
 * Begin, end, strides and result shapes of a strided slice, with masks resolved by TensorFlow.js.
 */
export function stridedSliceOf(shape: readonly number[], attrs: KernelAttrs) {
  const mask = (name: string): number => (attrs[name] ?? 0) as number;
  return slicing.sliceInfo(
    [...shape],
    attrs["begin"] as number[],
    attrs["end"] as number[],
    attrs["strides"] as number[],
    mask("beginMask"),
    mask("endMask"),
    mask("ellipsisMask"),
    mask("newAxisMask"),
    mask("shrinkAxisMask"),
  );
}

const padded = (shape: readonly number[], paddings: readonly (readonly [number, number])[]): number[] =>
  shape.map((size, i) => size + (paddings[i]?.[0] ?? 0) + (paddings[i]?.[1] ?? 0));

export const layout: ShapeRules = {
  Reshape: (inputs, attrs) => {
    const x = input(inputs, "x");
    const shape = util.inferFromImplicitShape(attrs["shape"] as number[], util.sizeFromShape(dims(x)));
    return { shape, dtype: x.dtype };
  },
  ExpandDims: (inputs, attrs) => {
    const x = input(inputs, "input");
    const dim = attrs["dim"] as number;
    const shape = dims(x);
    shape.splice(dim < 0 ? x.shape.length + dim + 1 : dim, 0, 1);
    return { shape, dtype: x.dtype };
  },
  Transpose: (inputs, attrs) => {
    const x = input(inputs, "x");
    const perm = attrs["perm"] as number[];
    const isPermutation = areEqual(
      [...perm].sort((a, b) => a - b),
      perm.map((_, i) => i),
    );
    assertShapes(isPermutation, `transpose by [${perm.join()}]`, [x.shape], "every axis once");
    return { shape: perm.map((axis) => x.shape[axis]!), dtype: x.dtype };
  },
  Tile: (inputs, attrs) => {
    const x = input(inputs, "x");
    return { shape: x.shape.map((size, i) => size * (attrs["reps"] as number[])[i]!), dtype: x.dtype };
  },
  ...each("Reverse", sameAs("x")),
  ...each("FlipLeftRight", sameAs("image")),
  Diag: (inputs) => {
    const { shape, dtype } = input(inputs, "x");
    return { shape: [...shape, ...shape], dtype };
  },

  Concat: (inputs, attrs) => {
    const parts = listed(inputs);
    const axis = util.parseAxisParam(attrs["axis"] as number, dims(parts[0]!))[0]!;
    assertAlike("concat", parts, axis);
    return { shape: backend.computeOutShape(parts.map(dims), axis), dtype: parts[0]!.dtype };
  },
  Pack: (inputs, attrs) => {
    const parts = listed(inputs);
    assertAlike("stack", parts);
    const shape = dims(parts[0]!);
    const axis = attrs["axis"] as number;
    shape.splice(axis < 0 ? shape.length + axis + 1 : axis, 0, parts.length);
    return { shape, dtype: parts[0]!.dtype };
  },
  Unpack: (inputs, attrs) => {
    const x = input(inputs, "value");
    const axis = util.parseAxisParam(attrs["axis"] as number, dims(x))[0]!;
    const shape = x.shape.filter((_, i) => i !== axis);
    return Array.from({ length: x.shape[axis]! }, () => ({ shape, dtype: x.dtype }));
  },
  SplitV: (inputs, attrs) => {
    const x = input(inputs, "x");
    const axis = util.parseAxisParam(attrs["axis"] as number, dims(x))[0]!;
    const sizes = backend.prepareSplitSize(
      { shape: dims(x) } as never,
      attrs["numOrSizeSplits"] as number[] | number,
      axis,
    );
    return sizes.map((size) => ({ shape: x.shape.map((d, i) => (i === axis ? size : d)), dtype: x.dtype }));
  },
  Slice: (inputs, attrs) => {
    const x = input(inputs, "x");
    const [begin, size] = slicing.parseSliceParams(
      { shape: dims(x), rank: x.shape.length } as never,
      attrs["begin"] as number[],
      attrs["size"] as number[],
    );
    const isInside = size!.every((length, i) => length >= 0 && begin![i]! >= 0 && begin![i]! + length <= x.shape[i]!);
    assertShapes(isInside, `slice from ${shapeText(begin!)}`, [x.shape, size!], "a slice that lies in the tensor");
    return { shape: size!, dtype: x.dtype };
  },
  StridedSlice: (inputs, attrs) => {
    const x = input(inputs, "x");
    return { shape: stridedSliceOf(x.shape, attrs).finalShape, dtype: x.dtype };
  },
  ...each("PadV2 MirrorPad", (inputs, attrs) => {
    const { shape, dtype } = input(inputs, "x");
    const paddings = attrs["paddings"] as [number, number][];
    const fit = paddings.length === shape.length && paddings.flat().every((size) => size >= 0);
    assertShapes(fit, `pad by ${JSON.stringify(paddings)}`, [shape], "two sizes for each axis, none negative");
    return { shape: padded(shape, paddings), dtype };
  }),

  DepthToSpace: (inputs, attrs) => {
    assertChannelsLast(attrs, "depthToSpace");
    const { shape, dtype } = input(inputs, "x");
    const [batch, height, width, depth] = shape as [number, number, number, number];
    const block = attrs["blockSize"] as number;
    return { shape: [batch, height * block, width * block, depth / (block * block)], dtype };
  },
  SpaceToBatchND: (inputs, attrs) => {
    const { shape, dtype } = input(inputs, "x");
    const block = attrs["blockShape"] as number[];
    const whole = padded(shape, [[0, 0], ...(attrs["paddings"] as [number, number][])]);
    return { shape: backend.getReshapedPermuted(whole, block, util.sizeFromShape(block), false), dtype };
  },
  BatchToSpaceND: (inputs, attrs) => {
    const { shape, dtype } = input(inputs, "x");
    const block = attrs["blockShape"] as number[];
    const whole = backend.getReshapedPermuted(dims({ shape, dtype }), block, util.sizeFromShape(block));
    const crops = (attrs["crops"] as [number, number][]).map(([before, after]): [number, number] => [-before, -after]);
    const cropped = padded(whole, [[0, 0], ...crops]);
    assertShapes(
      cropped.every((size) => size >= 0),
      `batchToSpaceND by ${JSON.stringify(attrs["crops"])}`,
      [shape, whole],
      "crops that leave something of the second, which the blocks make",
    );
    return { shape: cropped, dtype };
  },
};
