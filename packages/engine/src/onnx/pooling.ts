/** Average and maximum over windows of images and volumes, and their gradients. */
import { axes3dOf, axesOf, coverageOf, lieInside, pool3dOf, poolOf, type WindowAxis } from "../recorder/geometry.js";
import { ONNX_TYPE } from "./builder.js";
import type { Call, Lowering, LoweringTable } from "./lowering.js";
import { marks, sumOfSizes, whereAnyIsNaN } from "./nan.js";
import { convert } from "./types.js";
import {
  channelsFirst,
  channelsLast,
  outputPaddingOf,
  padded,
  windowAttributes,
  withoutPadding,
  withoutSkipped,
  withSkipped,
} from "./windows.js";

type AxesOf = (shape: readonly number[], attrs: Call["attrs"]) => WindowAxis[];
const flat: AxesOf = (shape, attrs) => axesOf(poolOf(shape, attrs));
const deep: AxesOf = (shape, attrs) => axes3dOf(pool3dOf(shape, attrs));

const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);
const kernelShape = (axes: readonly WindowAxis[]) => ({ kernel_shape: axes.map(({ window }) => window) });

/** The image with channels first, in float32, the only type that ONNX Runtime pools. */
function imageOf({ builder, name, spec }: Call, input: string, axes: readonly WindowAxis[]): string {
  const { shape, dtype } = spec(input);
  const whole = channelsFirst(builder, convert(builder, name(input), dtype, "float32"), shape.length);
  return withoutSkipped(builder, whole, axes);
}

/**
 * ONNX Runtime does not support windows that lie in the padding alone. For these the padding is
 * written out.
 */
function fitted(
  call: Call,
  input: string,
  axes: readonly WindowAxis[],
  value: number,
): readonly [image: string, axes: readonly WindowAxis[]] {
  const { builder, spec } = call;
  const { shape } = spec(input);
  const image = imageOf(call, input, axes);
  return lieInside(axes) ? [image, axes] : padded(builder, image, [shape[0]!, shape.at(-1)!], axes, value);
}

const windowsOn = (axes: readonly WindowAxis[]) => ({ ...windowAttributes(axes), ...kernelShape(axes) });

/** The pooled image with channels last, in the type of the result. */
const finished = ({ builder, output }: Call, y: string): string =>
  convert(builder, channelsLast(builder, y, output.shape.length), "float32", output.dtype);

/**
 * The largest entry of each window: NaN if the window holds a NaN, -∞ if it holds no entry.
 *
 * ONNX Runtime drops a NaN or keeps it depending on its position. For windows of -∞ in volumes it
 * gives the smallest finite number. If some entry is not finite, a second pooling, of the kinds of
 * entries, corrects this.
 */
const largest =
  (axesFor: AxesOf): Lowering =>
  (call) => {
    const { builder, spec, attrs } = call;
    const own = axesFor(spec("x").shape, attrs);
    const [image, axes] = fitted(call, "x", own, -Infinity);
    const pool = (x: string): string => builder.op("MaxPool", [x], windowsOn(axes));
    const where = (condition: string, value: number, otherwise: string): string =>
      builder.op("Where", [condition, builder.scalar(value), otherwise]);
    const corrected = (): string[] => {
      const least = builder.scalar(-Infinity);
      const kinds = where(
        builder.op("IsNaN", [image]),
        2,
        where(builder.op("Equal", [image, least]), 0, builder.scalar(1)),
      );
      const kind = pool(kinds);
      const isKind = (value: number): string => builder.op("Equal", [kind, builder.scalar(value)]);
      return [where(isKind(2), NaN, where(isKind(0), -Infinity, pool(image)))];
    };
    const isFinite = builder.op("Less", [sumOfSizes(builder, image, undefined), builder.scalar(Infinity)]);
    return finished(call, builder.branch(isFinite, 1, () => [pool(image)], corrected)[0]!);
  };

/** The mean of the entries in each window. For a window without entries see `coverageOf`. */
const average =
  (axesFor: AxesOf): Lowering =>
  (call) => {
    const { builder, spec, attrs } = call;
    const own = axesFor(spec("x").shape, attrs);
    const [image, axes] = fitted(call, "x", own, 0);
    const means = builder.op("AveragePool", [image], windowsOn(axes));
    if (axes === own) return finished(call, means);
    const shape = [1, 1, ...own.map(({ out }) => out)];
    const shares = builder.constant({ shape, dtype: "float32" }, coverageOf(own));
    return finished(call, builder.op("Div", [means, shares]));
  };

/**
 * Each entry of dy, divided by the size of the window, spread over its window.
 *
 * As in TensorFlow.js this is the size of the whole window, also if the window overlaps the
 * padding.
 */
const averageGradient =
  (axesFor: AxesOf): Lowering =>
  ({ builder, name, attrs, output }) => {
    const rank = output.shape.length;
    const axes = axesFor(output.shape, attrs);
    const windowSize = product(axes.map(({ window }) => window));
    const planes = output.shape[0]! * output.shape.at(-1)!;
    const sizes = (size: (axis: WindowAxis) => number): number[] => axes.map(size);
    const dy = builder.reshape(channelsFirst(builder, name("dy"), rank), [planes, 1, ...sizes(({ out }) => out)]);
    const weights = new Float32Array(windowSize).fill(1 / windowSize);
    const filter = builder.constant({ shape: [1, 1, ...sizes(({ window }) => window)], dtype: "float32" }, weights);
    const dx = builder.op("ConvTranspose", [dy, filter], { ...windowAttributes(axes), ...outputPaddingOf(axes) });
    const shape = [output.shape[0]!, output.shape.at(-1)!, ...sizes(({ size }) => size)];
    return channelsLast(builder, withSkipped(builder, builder.reshape(dx, shape), axes), rank);
  };

/** Adds each entry of dy at the largest entry of its window, the first of equal ones. */
const largestGradient =
  (axesFor: AxesOf): Lowering =>
  (call) => {
    const { builder, name, spec, output } = call;
    const rank = output.shape.length;
    const own = axesFor(output.shape, call.attrs);
    const [image, axes] = fitted(call, "input", own, -Infinity);
    const [, indices] = builder.many("MaxPool", [image], 2, windowsOn(axes));
    const dy = builder.reshape(channelsFirst(builder, name("dy"), rank), [product(spec("dy").shape)]);
    const shape = [output.shape[0]!, output.shape.at(-1)!, ...axes.map(({ size }) => size)];
    const zeros = builder.op("Expand", [builder.scalar(0), builder.ints([product(shape)])]);
    const dx = builder.op("ScatterElements", [zeros, builder.reshape(indices!, [-1]), dy], {
      axis: 0,
      reduction: "add",
    });
    const onImage = builder.reshape(dx, shape);
    const inside = axes === own ? onImage : withoutPadding(builder, onImage, own);
    return channelsLast(builder, withSkipped(builder, inside, own), rank);
  };

/**
 * Max pooling that also returns the index of the largest entry, the first of equal ones or the
 * first NaN.
 *
 * As in TensorFlow.js, indices count along [height, width, channels] of each image, or of the
 * batch.
 */
const poolWithPlaces: Lowering = (call) => {
  const { builder, spec, attrs } = call;
  const [batch, height, width, channels] = spec("x").shape as [number, number, number, number];
  const axes = flat(spec("x").shape, attrs);
  const image = imageOf(call, "x", axes);
  const pool = (x: string): string[] => builder.many("MaxPool", [x], 2, windowsOn(axes));
  const corrected = (): string[] => {
    const [has, places] = pool(marks(builder, image));
    const isNaN = builder.op("Cast", [has!], { to: ONNX_TYPE.bool });
    const [y, indices] = pool(image);
    return [builder.op("Where", [isNaN, builder.scalar(NaN), y!]), builder.op("Where", [isNaN, places!, indices!])];
  };
  const [y, indices] = whereAnyIsNaN(builder, image, 2, corrected, () => pool(image));
  const area = height * width;
  const inPlane = builder.op("Mod", [indices!, builder.ints([area])]);
  const inImage = builder.op("Add", [
    builder.op("Mul", [inPlane, builder.ints([channels])]),
    builder.reshape(builder.ints(Array.from({ length: channels }, (_, i) => i)), [channels, 1, 1]),
  ]);
  const offsets = Array.from({ length: batch }, (_, image) =>
    attrs["includeBatchInIndex"] ? image * area * channels : 0,
  );
  const places = builder.op("Add", [inImage, builder.reshape(builder.ints(offsets), [batch, 1, 1, 1])]);
  return [finished(call, y!), builder.op("Cast", [channelsLast(builder, places, 4)], { to: ONNX_TYPE.int32 })];
};

export const pooling: LoweringTable = {
  AvgPool: average(flat),
  MaxPool: largest(flat),
  AvgPool3D: average(deep),
  MaxPool3D: largest(deep),
  AvgPoolGrad: averageGradient(flat),
  MaxPoolGrad: largestGradient(flat),
  AvgPool3DGrad: averageGradient(deep),
  MaxPool3DGrad: largestGradient(deep),
  MaxPoolWithArgmax: poolWithPlaces,
};
