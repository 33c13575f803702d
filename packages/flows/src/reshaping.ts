/** Bijectors that only reorder numbers. Their log-determinants are 0. */
import * as tf from "@tensorflow/tfjs-core";
import { assertShape, fail } from "@ergodic/tensor";
import type { NoParams } from "@ergodic/nn";
import { perExample, transformed, type Bijector } from "./bijector.js";

function moving(there: (x: tf.Tensor) => tf.Tensor, back: (z: tf.Tensor) => tf.Tensor): Bijector<NoParams> {
  return {
    init: () => [],
    forward: (_, x) => transformed(there(x), () => perExample(x, 0)),
    inverse: (_, z) => transformed(back(z), () => perExample(z, 0)),
  };
}

/**
 * Turns blocks of 2 x 2 pixels into channels: `[batch, h, w, c]` to `[batch, h/2, w/2, 4c]`.
 *
 * The order within a block is row by row, channels innermost.
 *
 * @throws ValidationError for sides that are not even.
 */
export const squeeze = (): Bijector<NoParams> =>
  moving(
    (x) => {
      const [batch, height, width, channels] = x.shape as [number, number, number, number];
      if (x.rank !== 4 || height % 2 !== 0 || width % 2 !== 0) {
        fail(
          `the input of squeeze has shape [${x.shape.join(",")}]`,
          "images [batch,height,width,channels] with even sides",
        );
      }
      const blocks = tf.reshape(x, [batch, height / 2, 2, width / 2, 2 * channels]);
      return tf.reshape(tf.transpose(blocks, [0, 1, 3, 2, 4]), [batch, height / 2, width / 2, 4 * channels]);
    },
    (z) => {
      const [batch, height, width, channels] = z.shape as [number, number, number, number];
      if (z.rank !== 4 || channels % 4 !== 0) {
        fail(
          `the squeezed image has shape [${z.shape.join(",")}]`,
          "[batch,height,width,channels] with channels a multiple of 4",
        );
      }
      const blocks = tf.reshape(z, [batch, height, width, 2, channels / 2]);
      return tf.reshape(tf.transpose(blocks, [0, 1, 3, 2, 4]), [batch, 2 * height, 2 * width, channels / 4]);
    },
  );

/** Flattens examples of shape `shape` to vectors, in row-major order. */
export function flattened(shape: readonly number[]): Bijector<NoParams> {
  return moving(
    (x) => {
      assertShape("the input of flattened", x, [null, ...shape]);
      return tf.reshape(x, [x.shape[0]!, -1]);
    },
    (z) => tf.reshape(z, [z.shape[0]!, ...shape]),
  );
}

/**
 * y_i = x_order(i) on the last axis.
 *
 * @throws ValidationError unless `order` holds every index from 0 exactly once.
 */
export function permutation(order: readonly number[]): Bijector<NoParams> {
  const back = order.map((_, i) => order.indexOf(i));
  if (order.length === 0 || back.includes(-1)) {
    fail(`order is [${order.join(",")}]`, "every whole number from 0 to its length - 1 once", "for example [1, 0]");
  }
  const by = (indices: readonly number[]) => (x: tf.Tensor) => {
    assertShape("the input of permutation", x, [...x.shape.slice(0, -1), order.length]);
    return tf.gather(x, tf.tensor1d([...indices], "int32"), x.rank - 1);
  };
  return moving(by(order), by(back));
}

/** Reverses the last axis. */
export const reversal = (features: number): Bijector<NoParams> =>
  permutation(Array.from({ length: features }, (_, i) => features - 1 - i));
