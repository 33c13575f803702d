/** Gradient rules of resizing and of normalisation with given moments. */
import * as tf from "@tensorflow/tfjs-core";
import { register, runKernel, sumTo } from "./rule.js";

/**
 * The weights that resize an axis, shape [resized, size], found by resizing the identity matrix.
 */
function blend(kernel: string, size: number, resized: number, attrs: object): tf.Tensor2D {
  const image = tf.reshape(tf.eye(size), [1, size, 1, size]);
  return tf.reshape(runKernel(kernel, { images: image }, { ...attrs, size: [resized, 1] }), [resized, size]);
}

/** Whether nearest resizing repeats each pixel as a rectangle: its sides grow by whole factors. */
const repeats = (
  [, height, width]: readonly number[],
  { size, alignCorners, halfPixelCenters }: tf.ResizeBilinearAttrs,
): boolean => !alignCorners && !halfPixelCenters && size[0] % height! === 0 && size[1] % width! === 0;

/**
 * Gradient rule of resizing. Resizing is linear and separable into rows and columns, so the
 * gradient is a product with both transposed weight matrices. Where pixels are repeated, it is a
 * sum over each rectangle.
 *
 * The gradient kernels of TensorFlow.js ignore half-pixel centres and swap the axes of images that
 * are not square.
 */
function registerResizing(kernel: string): void {
  register<tf.ResizeBilinearAttrs>(kernel, ["images"], (dy, [images], attrs) => ({
    images: () => {
      const [batch, height, width, channels] = images!.shape as [number, number, number, number];
      const [newHeight, newWidth] = attrs.size;
      if (kernel === "ResizeNearestNeighbor" && repeats(images!.shape, attrs)) {
        const window: [number, number] = [newHeight / height, newWidth / width];
        return tf.mul(window[0] * window[1], tf.avgPool(dy as tf.Tensor4D, window, window, "valid"));
      }
      const rows = blend(kernel, height, newHeight, attrs);
      const columns = blend(kernel, width, newWidth, attrs);
      const tall = tf.matMul(rows, tf.reshape(dy, [batch, newHeight, newWidth * channels]), true);
      const small = tf.matMul(columns, tf.reshape(tall, [batch * height, newWidth, channels]), true);
      return tf.reshape(small, images!.shape);
    },
  }));
}

/**
 * y = (x − mean) scale / √(variance + ε) + offset, with moments of any shape that broadcasts to x.
 */
function registerBatchNorm(): void {
  register<tf.FusedBatchNormAttrs>(
    "FusedBatchNorm",
    ["x", "mean", "variance", "scale"],
    (dy, [x, mean, variance, scale], attrs) => {
      const inverse = tf.rsqrt(tf.add(variance!, attrs.varianceEpsilon));
      const normalised = (): tf.Tensor => tf.mul(tf.sub(x!, mean!), inverse);
      const slope = (): tf.Tensor => tf.mul(dy, tf.mul(scale!, inverse));
      return {
        x: slope,
        mean: () => sumTo(tf.neg(slope()), mean!.shape),
        variance: () => sumTo(tf.mul(tf.mul(slope(), normalised()), tf.mul(inverse, -0.5)), variance!.shape),
        scale: () => sumTo(tf.mul(dy, normalised()), mean!.shape),
        offset: () => sumTo(dy, mean!.shape),
      };
    },
  );
}

export function registerImageRules(): void {
  registerResizing("ResizeBilinear");
  registerResizing("ResizeNearestNeighbor");
  registerBatchNorm();
}
