/** Dropout: values left out at random while learning. */
import * as tf from "@tensorflow/tfjs-core";
import { assertInRange, random, type Key } from "@ergodic/tensor";
import type { Layer, NoParams } from "./layer.js";

/**
 * Each value kept with probability 1 - rate and then divided by it, else zero, so that the mean stays; for learning only.
 *
 * Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting" (2014).
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
 * {@link dropout} as a layer: while learning it draws from the key of learning, in evaluation it gives its input back.
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
