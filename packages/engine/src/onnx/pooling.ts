/** Average and largest of windows over images and volumes, and their gradients. */
import { axes3dOf, axesOf, pool3dOf, poolOf, type WindowAxis } from "../recorder/geometry.js";
import { ONNX_TYPE } from "./builder.js";
import type { Call, Lowering, LoweringTable } from "./lowering.js";
import { convert } from "./types.js";
import {
  channelsFirst,
  channelsLast,
  outputPaddingOf,
  windowAttributes,
  withoutSkipped,
  withSkipped,
} from "./windows.js";

type AxesOf = (shape: readonly number[], attrs: Call["attrs"]) => WindowAxis[];
const flat: AxesOf = (shape, attrs) => axesOf(poolOf(shape, attrs));
const deep: AxesOf = (shape, attrs) => axes3dOf(pool3dOf(shape, attrs));

const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);
const kernelShape = (axes: readonly WindowAxis[]) => ({ kernel_shape: axes.map(({ window }) => window) });

/** The pooled image, still with channels first, and where its entries stood; ONNX Runtime pools floating point alone. */
function pooled(call: Call, input: string, opType: string, axesFor: AxesOf, results: number): [WindowAxis[], string[]] {
  const { builder, name, spec, attrs } = call;
  const { shape, dtype } = spec(input);
  const axes = axesFor(shape, attrs);
  const whole = channelsFirst(builder, convert(builder, name(input), dtype, "float32"), shape.length);
  const image = withoutSkipped(builder, whole, axes);
  return [axes, builder.many(opType, [image], results, { ...windowAttributes(axes), ...kernelShape(axes) })];
}

const pool =
  (opType: string, axesFor: AxesOf): Lowering =>
  (call) => {
    const [, [y]] = pooled(call, "x", opType, axesFor, 1);
    const { builder, output } = call;
    return convert(builder, channelsLast(builder, y!, output.shape.length), "float32", output.dtype);
  };

/**
 * Each entry of dy, divided by the size of the window, spread over its window.
 *
 * As in TensorFlow.js this is the whole window's size, also where the window overlaps the padding.
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

/** Each entry of dy added where the largest entry of its window stood, the first of equals. */
const largestGradient =
  (axesFor: AxesOf): Lowering =>
  (call) => {
    const { builder, name, spec, output } = call;
    const rank = output.shape.length;
    const [axes, [, indices]] = pooled(call, "input", "MaxPool", axesFor, 2);
    const dy = builder.reshape(channelsFirst(builder, name("dy"), rank), [product(spec("dy").shape)]);
    const shape = [output.shape[0]!, output.shape.at(-1)!, ...axes.map(({ size }) => size)];
    const zeros = builder.op("Expand", [builder.scalar(0), builder.ints([product(shape)])]);
    const dx = builder.op("ScatterElements", [zeros, builder.reshape(indices!, [-1]), dy], {
      axis: 0,
      reduction: "add",
    });
    return channelsLast(builder, withSkipped(builder, builder.reshape(dx, shape), axes), rank);
  };

/** Also says where the largest entries stood, counted as in TensorFlow.js: along [height, width, channels] of each image, or of all. */
const poolWithPlaces: Lowering = (call) => {
  const { builder, spec, attrs, output } = call;
  const [batch, height, width, channels] = spec("x").shape as [number, number, number, number];
  const [, [y, indices]] = pooled(call, "x", "MaxPool", flat, 2);
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
  return [
    convert(builder, channelsLast(builder, y!, 4), "float32", output.dtype),
    builder.op("Cast", [channelsLast(builder, places, 4)], { to: ONNX_TYPE.int32 }),
  ];
};

export const pooling: LoweringTable = {
  AvgPool: pool("AveragePool", flat),
  MaxPool: pool("MaxPool", flat),
  AvgPool3D: pool("AveragePool", deep),
  MaxPool3D: pool("MaxPool", deep),
  AvgPoolGrad: averageGradient(flat),
  MaxPoolGrad: largestGradient(flat),
  AvgPool3DGrad: averageGradient(deep),
  MaxPool3DGrad: largestGradient(deep),
  MaxPoolWithArgmax: poolWithPlaces,
};
