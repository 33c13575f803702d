/** Rules of resizing and of normalisation by given moments. */
import * as tf from "@tensorflow/tfjs-core";
import { register, runKernel, sumTo } from "./rule.js";

/** [resized, size]: how resizing blends the entries of an axis, found by resizing the identity. */
function blend(kernel: string, size: number, resized: number, attrs: object): tf.Tensor2D {
  const image = tf.reshape(tf.eye(size), [1, size, 1, size]);
  return tf.reshape(runKernel(kernel, { images: image }, { ...attrs, size: [resized, 1] }), [resized, size]);
}

/**
 * Resizing is linear and works on rows and columns apart, so its gradient is a product with each of the two transposed blends.
 *
 * TensorFlow.js' own gradient kernels forget half pixels, and turn images that are not square.
 */
function registerResizing(kernel: string): void {
  register<tf.ResizeBilinearAttrs>(kernel, ["images"], (dy, [images], attrs) => ({
    images: () => {
      const [batch, height, width, channels] = images!.shape as [number, number, number, number];
      const [newHeight, newWidth] = attrs.size;
      const rows = blend(kernel, height, newHeight, attrs);
      const columns = blend(kernel, width, newWidth, attrs);
      const tall = tf.matMul(rows, tf.reshape(dy, [batch, newHeight, newWidth * channels]), true);
      const small = tf.matMul(columns, tf.reshape(tall, [batch * height, newWidth, channels]), true);
      return tf.reshape(small, images!.shape);
    },
  }));
}

/** y = (x − mean) scale / √(variance + ε) + offset, with moments of any shape that broadcasts to x. */
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
