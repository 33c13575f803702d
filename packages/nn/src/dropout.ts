/** Dropout: random values become zero while learning. */
import * as tf from "@tensorflow/tfjs-core";
import { assertInRange, random, type Key } from "@ergodic/tensor";
import type { Layer, NoParams } from "./layer.js";

/**
 * Each value is kept with probability 1 - rate and divided by it, or else zero. The mean is
 * unchanged. For learning only.
 *
 * Source: Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting"
 * (2014).
 *
 * @throws ValidationError for a rate outside [0, 1).
 */
export function dropout(x: tf.Tensor, rate: number, key: Key): tf.Tensor {
  assertInRange({ rate }, { min: 0, max: 1, maxOpen: true });
  if (rate === 0) return x;
  const kept = tf.cast(tf.greaterEqual(random.uniform(key, x.shape), rate), "float32");
  return tf.mul(x, tf.mul(kept, 1 / (1 - rate)));
}

/**
 * {@link dropout} as a layer. While learning it draws from the key of `learning`. In evaluation it
 * returns its input.
 *
 * @throws ValidationError for a rate outside [0, 1).
 */
export function dropoutLayer({ rate }: { readonly rate: number }): Layer<NoParams> {
  assertInRange({ rate }, { min: 0, max: 1, maxOpen: true });
  return {
    init: () => [],
    apply: (_params, input, learning) => (learning?.key === undefined ? input : dropout(input, rate, learning.key)),
  };
}
