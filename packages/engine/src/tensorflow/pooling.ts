/** Average and maximum over windows of images and volumes, and their gradients. */
import { axes3dOf, axesOf, coverageOf, pool3dOf, poolOf, type WindowAxis } from "../recorder/geometry.js";
import type { GraphDefBuilder } from "./builder.js";
import { isNaN, where } from "./elementwise.js";
import { convert, through, type Call, type Lowering, type LoweringTable } from "./lowering.js";
import { aroundSpace, cropSpace, paddedSize, padSpace } from "./windows.js";

type AxesOf = (shape: readonly number[], attrs: Call["attrs"]) => WindowAxis[];
const flat: AxesOf = (shape, attrs) => axesOf(poolOf(shape, attrs));
const deep: AxesOf = (shape, attrs) => axes3dOf(pool3dOf(shape, attrs));

const windowAttributes = (axes: readonly WindowAxis[]) => ({
  T: "float32",
  ksize: aroundSpace(axes.map(({ window }) => window)),
  strides: aroundSpace(axes.map(({ stride }) => stride)),
  padding: "VALID",
});

/** 2 where an entry is NaN, 0 where it is -∞, otherwise 1. */
function kindOf(builder: GraphDefBuilder, x: string): string {
  const isLeast = builder.op("Equal", [x, builder.scalar(-Infinity)], { T: "float32" });
  const isLeastOrOther = where(builder, isLeast, builder.scalar(0), builder.scalar(1));
  return where(builder, isNaN(builder, x), builder.scalar(2), isLeastOrOther);
}

/**
 * The largest entry of each window: NaN if the window holds a NaN, -∞ if it holds no entry.
 *
 * TensorFlow drops NaN, and gives the smallest finite number for windows of -∞. A second pooling,
 * of the kinds of entries, corrects this.
 */
const largest =
  (op: string, axesFor: AxesOf): Lowering =>
  ({ builder, name, spec, attrs }) => {
    const axes = axesFor(spec("x").shape, attrs);
    const x = padSpace(builder, name("x"), spec("x"), axes, -Infinity);
    const pool = (of: string): string => builder.op(op, [of], windowAttributes(axes));
    const kind = pool(kindOf(builder, x));
    const isKind = (value: number): string => builder.op("Equal", [kind, builder.scalar(value)], { T: "float32" });
    const others = where(builder, isKind(0), builder.scalar(-Infinity), pool(x));
    return where(builder, isKind(2), builder.scalar(NaN), others);
  };

/** Entries of the padding do not count. */
const average =
  (op: string, axesFor: AxesOf): Lowering =>
  ({ builder, name, spec, attrs }) => {
    const axes = axesFor(spec("x").shape, attrs);
    const x = padSpace(builder, name("x"), spec("x"), axes);
    const mean = builder.op(op, [x], windowAttributes(axes));
    if (x === name("x")) return mean;
    const shares = builder.constant(
      { shape: aroundSpace(axes.map(({ out }) => out)), dtype: "float32" },
      coverageOf(axes),
    );
    return builder.op("RealDiv", [mean, shares], { T: "float32" });
  };

/**
 * Each entry of dy, divided by the size of the window, spread over its window.
 *
 * As in TensorFlow.js this is the size of the whole window, also if the window overlaps the
 * padding.
 */
const averageGradient =
  (op: string, axesFor: AxesOf): Lowering =>
  ({ builder, name, attrs, output }) => {
    const axes = axesFor(output.shape, attrs);
    const sizes = builder.ints([output.shape[0]!, ...axes.map(paddedSize), output.shape.at(-1)!]);
    const dx = builder.op(op, [sizes, name("dy")], windowAttributes(axes));
    return cropSpace(builder, dx, output, axes);
  };

const largestGradient: Lowering = ({ builder, name, spec, attrs, output }) => {
  const axes = flat(spec("input").shape, attrs);
  const x = padSpace(builder, name("input"), spec("input"), axes, -Infinity);
  const dx = builder.op("MaxPoolGrad", [x, name("output"), name("dy")], windowAttributes(axes));
  return cropSpace(builder, dx, output, axes);
};

/**
 * The gradient of max pooling for volumes, in two steps: over height and width first, then over
 * depth.
 *
 * TensorFlow's own operation gives the gradient to each of several equal entries of a window. Here
 * only the first one gets it, as in images.
 */
const deepLargestGradient: Lowering = ({ builder, name, spec, attrs, output }) => {
  const axes = deep(spec("input").shape, attrs);
  const [depth, rows, columns] = axes as [WindowAxis, WindowAxis, WindowAxis];
  const [batch, channels] = [output.shape[0]!, output.shape.at(-1)!];
  const reshape = (x: string, shape: readonly number[]): string => builder.reshape(x, "float32", shape);
  const whole = axes.map(paddedSize);

  const padded = padSpace(builder, name("input"), spec("input"), axes, -Infinity);
  const slices = reshape(padded, [batch * whole[0]!, whole[1]!, whole[2]!, channels]);
  const within = windowAttributes([rows, columns]);
  const pooled = builder.op("MaxPool", [slices], within);

  const area = rows.out * columns.out;
  const columnsOf = (x: string, length: number): string => reshape(x, [batch, length, area, channels]);
  const behind = windowAttributes([depth, { ...columns, window: 1, stride: 1 }]);
  const operands = [
    columnsOf(pooled, whole[0]!),
    columnsOf(name("output"), depth.out),
    columnsOf(name("dy"), depth.out),
  ];
  const dPooled = reshape(builder.op("MaxPoolGrad", operands, behind), [
    batch * whole[0]!,
    rows.out,
    columns.out,
    channels,
  ]);
  const dSlices = builder.op("MaxPoolGrad", [slices, pooled, dPooled], within);
  return cropSpace(builder, reshape(dSlices, [batch, ...whole, channels]), output, axes);
};

/**
 * Max pooling that also returns the index of the largest entry, the first of equal ones or the
 * first NaN.
 *
 * As in TensorFlow.js, indices count along [height, width, channels] of each image, or of the
 * batch.
 */
const largestWithPlaces: Lowering = ({ builder, name, spec, attrs, output }) => {
  const [, height, width, channels] = spec("x").shape as [number, number, number, number];
  const axes = flat(spec("x").shape, attrs);
  const [rows, columns] = axes as [WindowAxis, WindowAxis];
  const floats = convert(builder, name("x"), spec("x").dtype, "float32");
  const x = padSpace(builder, floats, { shape: spec("x").shape, dtype: "float32" }, axes, -Infinity);
  const withBatch = Boolean(attrs["includeBatchInIndex"]);
  const pool = (of: string): string[] =>
    builder.many("MaxPoolWithArgmax", [of], 2, {
      ...windowAttributes(axes),
      Targmax: "int64",
      include_batch_in_index: withBatch,
    });
  const [largestOnes, placesOfLargest] = pool(x);
  const [has, placesOfNaN] = pool(builder.cast(isNaN(builder, x), "bool", "float32"));
  const hasNaN = builder.cast(has!, "float32", "bool");
  const places = where(builder, hasNaN, placesOfNaN!, placesOfLargest!, "int64");
  const y = convert(builder, where(builder, hasNaN, builder.scalar(NaN), largestOnes!), "float32", output.dtype);
  const inPadded = builder.cast(places, "int64", "int32");
  if (x === floats) return [y, inPadded];

  // Converts an index in the padded image to an index in the image.
  const calculate = (op: string, a: string, b: number | string): string =>
    builder.op(op, [a, typeof b === "number" ? builder.scalar(b, "int32") : b], { T: "int32" });
  const wide = paddedSize(columns) * channels;
  const row = calculate("FloorDiv", inPadded, wide);
  const column = calculate("Sub", calculate("FloorMod", inPadded, wide), columns.before * channels);
  const whole = paddedSize(rows);
  const image = calculate("FloorDiv", row, whole);
  const rowOfImage = calculate("Sub", calculate("FloorMod", row, whole), rows.before);
  const inImage = calculate("AddV2", calculate("Mul", rowOfImage, width * channels), column);
  return [y, withBatch ? calculate("AddV2", inImage, calculate("Mul", image, height * width * channels)) : inImage];
};

export const pooling: LoweringTable = {
  AvgPool: through("int32", "float32")(average("AvgPool", flat)),
  MaxPool: through("int32", "float32")(largest("MaxPool", flat)),
  AvgPool3D: through("int32", "float32")(average("AvgPool3D", deep)),
  MaxPool3D: through("int32", "float32")(largest("MaxPool3D", deep)),
  AvgPoolGrad: averageGradient("AvgPoolGrad", flat),
  MaxPoolGrad: largestGradient,
  AvgPool3DGrad: averageGradient("AvgPool3DGrad", deep),
  MaxPool3DGrad: deepLargestGradient,
  MaxPoolWithArgmax: largestWithPlaces,
};
