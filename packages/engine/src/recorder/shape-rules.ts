/**
 * What each TensorFlow.js kernel returns: shapes and types of its outputs from those of its inputs and its attributes.
 *
 * This table is all the recorder needs to run a function, gradients included, without computing anything.
 */
import { backend_util as backend, slice_util as slicing, util } from "@tensorflow/tfjs-core";
import type { DType, TensorSpec } from "../graph.js";

export type KernelInputs = Readonly<Record<string, TensorSpec>>;
export type KernelAttrs = Readonly<Record<string, unknown>>;
export type ShapeRule = (inputs: KernelInputs, attrs: KernelAttrs) => TensorSpec | TensorSpec[];

type Shape4D = [number, number, number, number];
type Pad = "same" | "valid" | number | [[number, number], [number, number], [number, number], [number, number]];

const input = (inputs: KernelInputs, name: string): TensorSpec => inputs[name]!;
const dims = (spec: TensorSpec): number[] => [...spec.shape];

const sameAs =
  (name: string, dtype?: DType): ShapeRule =>
  (inputs) => ({ shape: input(inputs, name).shape, dtype: dtype ?? input(inputs, name).dtype });

const broadcast =
  (dtype?: DType): ShapeRule =>
  (inputs) => {
    const [a, b] = [input(inputs, "a"), input(inputs, "b")];
    return { shape: backend.assertAndGetBroadcastShape(dims(a), dims(b)), dtype: dtype ?? a.dtype };
  };

const reduce =
  (options: { axes: string; dtype?: DType | "input" }): ShapeRule =>
  (inputs, attrs) => {
    const x = input(inputs, "x");
    const axes = util.parseAxisParam((attrs[options.axes] ?? undefined) as number | number[], dims(x));
    const [reduced] = backend.computeOutAndReduceShapes(dims(x), axes);
    const shape = attrs["keepDims"] ? backend.expandShapeToKeepDim(reduced, axes) : reduced;
    return { shape, dtype: options.dtype === undefined || options.dtype === "input" ? x.dtype : options.dtype };
  };

const reduceToIndex: ShapeRule = (inputs, attrs) => {
  const x = input(inputs, "x");
  const axes = util.parseAxisParam(attrs["axis"] as number, dims(x));
  return { shape: backend.computeOutAndReduceShapes(dims(x), axes)[0], dtype: "int32" };
};

const listed = (inputs: KernelInputs): TensorSpec[] => Object.values(inputs);

/** The geometry TensorFlow.js computes for a 2-D convolution of an NHWC image with an HWIO filter. */
export function convolutionOf(image: readonly number[], filter: readonly number[], attrs: KernelAttrs) {
  const format = (attrs["dataFormat"] ?? "NHWC") as "NHWC" | "NCHW";
  return backend.computeConv2DInfo(
    image as Shape4D,
    filter as Shape4D,
    attrs["strides"] as number | [number, number],
    (attrs["dilations"] ?? 1) as number | [number, number],
    attrs["pad"] as Pad,
    attrs["dimRoundingMode"] as "floor" | "round" | "ceil" | undefined,
    false,
    backend.convertConv2DDataFormat(format),
  );
}

const unary =
  "Abs Acos Acosh Asin Asinh Atan Atanh Ceil Cos Cosh Elu Erf Exp Expm1 Floor LeakyRelu Log Log1p Neg Reciprocal Relu Relu6 " +
  "Round Rsqrt Selu Sigmoid Sign Sin Sinh Softplus Sqrt Square Step Tan Tanh ClipByValue Reverse Cumsum ZerosLike OnesLike";
const binary = "Add Sub Multiply RealDiv FloorDiv Maximum Minimum Mod Pow SquaredDifference Atan2";
const comparisons = "Equal NotEqual Greater GreaterEqual Less LessEqual LogicalAnd LogicalOr";

const each = (names: string, rule: ShapeRule): Record<string, ShapeRule> =>
  Object.fromEntries(names.split(" ").map((name) => [name, rule]));

export const shapeRules: Readonly<Record<string, ShapeRule>> = {
  ...each(unary, sameAs("x")),
  ...each("IsFinite IsInf IsNan LogicalNot", sameAs("x", "bool")),
  ...each(binary, broadcast()),
  ...each(comparisons, broadcast("bool")),
  EluGrad: sameAs("dy"),
  Prelu: sameAs("x"),
  AddN: (inputs) => listed(inputs)[0]!,
  Select: sameAs("t"),
  Cast: (inputs, attrs) => ({ shape: input(inputs, "x").shape, dtype: attrs["dtype"] as DType }),
  Softmax: sameAs("logits"),
  LogSoftmax: sameAs("logits"),

  ...each("Sum Mean Min Prod", reduce({ axes: "axis" })),
  Max: reduce({ axes: "reductionIndices" }),
  ...each("All Any", reduce({ axes: "axis", dtype: "bool" })),
  ...each("ArgMax ArgMin", reduceToIndex),

  BatchMatMul: (inputs, attrs) => {
    const [a, b] = [dims(input(inputs, "a")), dims(input(inputs, "b"))];
    const rows = attrs["transposeA"] ? a.at(-1)! : a.at(-2)!;
    const columns = attrs["transposeB"] ? b.at(-2)! : b.at(-1)!;
    const batch = backend.assertAndGetBroadcastShape(a.slice(0, -2), b.slice(0, -2));
    return { shape: [...batch, rows, columns], dtype: "float32" };
  },
  Conv2D: (inputs, attrs) => {
    const { outShape } = convolutionOf(input(inputs, "x").shape, input(inputs, "filter").shape, attrs);
    return { shape: outShape, dtype: "float32" };
  },
  Conv2DBackpropInput: (_, attrs) => ({ shape: attrs["inputShape"] as number[], dtype: "float32" }),
  Conv2DBackpropFilter: (_, attrs) => ({ shape: attrs["filterShape"] as number[], dtype: "float32" }),

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
    return { shape: (attrs["perm"] as number[]).map((axis) => x.shape[axis]!), dtype: x.dtype };
  },
  Tile: (inputs, attrs) => {
    const x = input(inputs, "x");
    return { shape: x.shape.map((size, i) => size * (attrs["reps"] as number[])[i]!), dtype: x.dtype };
  },
  BroadcastTo: (inputs, attrs) => ({ shape: attrs["shape"] as number[], dtype: input(inputs, "x").dtype }),
  Concat: (inputs, attrs) => {
    const parts = listed(inputs);
    const axis = util.parseAxisParam(attrs["axis"] as number, dims(parts[0]!))[0]!;
    return { shape: backend.computeOutShape(parts.map(dims), axis), dtype: parts[0]!.dtype };
  },
  Pack: (inputs, attrs) => {
    const parts = listed(inputs);
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
    const [, size] = slicing.parseSliceParams(
      { shape: dims(x), rank: x.shape.length } as never,
      attrs["begin"] as number[],
      attrs["size"] as number[],
    );
    return { shape: size!, dtype: x.dtype };
  },
  StridedSlice: (inputs, attrs) => {
    const x = input(inputs, "x");
    return { shape: stridedSliceOf(x.shape, attrs).finalShape, dtype: x.dtype };
  },
  PadV2: (inputs, attrs) => {
    const x = input(inputs, "x");
    const paddings = attrs["paddings"] as [number, number][];
    return { shape: x.shape.map((size, i) => size + paddings[i]![0] + paddings[i]![1]), dtype: x.dtype };
  },
  GatherV2: (inputs, attrs) => {
    const [x, indices] = [input(inputs, "x"), input(inputs, "indices")];
    const axis = util.parseAxisParam(attrs["axis"] as number, dims(x))[0]!;
    const batchDims = (attrs["batchDims"] ?? 0) as number;
    const shape = [...x.shape.slice(0, axis), ...indices.shape.slice(batchDims), ...x.shape.slice(axis + 1)];
    return { shape, dtype: x.dtype };
  },
  UnsortedSegmentSum: (inputs, attrs) => {
    const [x, ids] = [input(inputs, "x"), input(inputs, "segmentIds")];
    return { shape: [attrs["numSegments"] as number, ...x.shape.slice(ids.shape.length)], dtype: x.dtype };
  },
  OneHot: (inputs, attrs) => ({
    shape: [...input(inputs, "indices").shape, attrs["depth"] as number],
    dtype: (attrs["dtype"] ?? "int32") as DType,
  }),
};

/** Begin, end, strides and result shapes of a strided slice, as TensorFlow.js resolves its masks. */
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
