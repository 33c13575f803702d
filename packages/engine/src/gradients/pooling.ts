/**
 * Gradient rules of average pooling.
 *
 * A window at the border averages only the entries inside the image. The gradient of the plain
 * backend of TensorFlow.js assumes full windows. All backends agree on the positions of windows, so
 * images with margins are pooled as larger images.
 */
import * as tf from "@tensorflow/tfjs-core";
import { register, runKernel } from "./rule.js";

/**
 * An axis with sliding windows of `filter` entries. The first window starts `before` entries before
 * the image.
 */
interface Axis {
  readonly size: number;
  readonly windows: number;
  readonly filter: number;
  readonly stride: number;
  readonly before: number;
}

interface Pooling {
  readonly forward: string;
  readonly gradient: string;
  readonly dataFormat: string;
  axesOf(shape: number[], attrs: tf.AvgPool3DAttrs): Axis[];
}

type Pool2D = Parameters<typeof tf.backend_util.computePool2DInfo>;
type Pool3D = Parameters<typeof tf.backend_util.computePool3DInfo>;

const POOLINGS: readonly Pooling[] = [
  {
    forward: "AvgPool",
    gradient: "AvgPoolGrad",
    dataFormat: "NHWC",
    axesOf(shape, { filterSize, strides, pad, dimRoundingMode }) {
      const [sizes, filter, steps] = [shape, filterSize, strides] as [Pool2D[0], Pool2D[1], Pool2D[2]];
      const { inHeight, inWidth, outHeight, outWidth, padInfo, ...info } = tf.backend_util.computePool2DInfo(
        sizes,
        filter,
        steps,
        1,
        pad,
        dimRoundingMode,
      );
      const { filterHeight, filterWidth, strideHeight, strideWidth } = info;
      return [
        { size: inHeight, windows: outHeight, filter: filterHeight, stride: strideHeight, before: padInfo.top },
        { size: inWidth, windows: outWidth, filter: filterWidth, stride: strideWidth, before: padInfo.left },
      ];
    },
  },
  {
    forward: "AvgPool3D",
    gradient: "AvgPool3DGrad",
    dataFormat: "NDHWC",
    axesOf(shape, { filterSize, strides, pad, dimRoundingMode }) {
      const [sizes, filter, steps] = [shape, filterSize, strides] as [Pool3D[0], Pool3D[1], Pool3D[2]];
      const { inDepth, outDepth, inHeight, outHeight, inWidth, outWidth, padInfo, ...info } =
        tf.backend_util.computePool3DInfo(sizes, filter, steps, 1, pad, dimRoundingMode);
      const { filterDepth, filterHeight, filterWidth, strideDepth, strideHeight, strideWidth } = info;
      return [
        { size: inDepth, windows: outDepth, filter: filterDepth, stride: strideDepth, before: padInfo.front },
        { size: inHeight, windows: outHeight, filter: filterHeight, stride: strideHeight, before: padInfo.top },
        { size: inWidth, windows: outWidth, filter: filterWidth, stride: strideWidth, before: padInfo.left },
      ];
    },
  },
];

const marginAfter = ({ size, windows, filter, stride, before }: Axis): number =>
  Math.max(0, (windows - 1) * stride + filter - before - size);

/** For each window, the weight of its entries relative to a full window. */
function emphasis({ size, windows, filter, stride, before }: Axis): number[] {
  return Array.from({ length: windows }, (_, i) => {
    const start = i * stride - before;
    return filter / (Math.min(start + filter, size) - Math.max(start, 0));
  });
}

/** The emphasis of each window, as a tensor that multiplies images. */
function emphasisOf(axes: readonly Axis[]): tf.Tensor {
  const factors = axes.map((axis, i) => {
    const shape = [1, ...axes.map((_, k) => (k === i ? axis.windows : 1)), 1];
    return tf.tensor(emphasis(axis), shape, "float32");
  });
  return factors.reduce((a, b) => tf.mul(a, b));
}

export function registerPoolingRules(): void {
  for (const { forward, gradient, dataFormat, axesOf } of POOLINGS) {
    register<tf.AvgPool3DAttrs>(forward, ["x"], (dy, [x], attrs) => ({
      x: () => {
        const axes = axesOf(x!.shape, attrs);
        const margins = axes.map((axis): [number, number] => [axis.before, marginAfter(axis)]);
        if (margins.flat().every((margin) => margin === 0)) return runKernel(gradient, { dy, input: x! }, attrs);
        const paddings: [number, number][] = [[0, 0], ...margins, [0, 0]];
        const inputs = { dy: tf.mul(dy, emphasisOf(axes)), input: tf.pad(x!, paddings) };
        const padded = runKernel(gradient, inputs, { ...attrs, pad: "valid" });
        return tf.slice(padded, [0, ...axes.map(({ before }) => before), 0], x!.shape);
      },
    }));
    // Averaging is linear, so the gradient of its gradient is the average itself.
    register(gradient, ["input"], (ddx, [input], attrs) => ({
      dy: () => runKernel(forward, { x: ddx }, { dataFormat, ...attrs }),
      input: () => tf.zerosLike(input!),
    }));
  }
}
