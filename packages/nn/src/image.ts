/** The check of inputs that layers of images share. */
import type * as tf from "@tensorflow/tfjs-core";
import { assertShape, fail } from "@ergodic/tensor";

/**
 * The input of the layer `name` as `[batch, height, width, channels]`, with sides of at least
 * `smallest`.
 */
export function imageInput(name: string, input: tf.Tensor, smallest = 1): tf.Tensor4D {
  assertShape(`the input of ${name}`, input, [null, null, null, null], "images are [batch, height, width, channels]");
  const [, height, width] = input.shape as [number, number, number, number];
  if (Math.min(height, width) < smallest) {
    fail(`the input of ${name} is an image of ${height}x${width}`, `sides of at least ${smallest}`);
  }
  return input as tf.Tensor4D;
}
