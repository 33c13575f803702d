/** Noise on the data, which keeps a learned energy smooth. */
import { random, type Key } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";

export interface DataNoise {
  /** Standard deviation of Gaussian noise that is added to the data. Default 0. */
  readonly dataNoise?: number;
}

/** x + σ ξ, ξ ~ N(0, I), like x `[batch, ...]`. Without σ it is x itself. */
export const noisy = (x: tf.Tensor, key: Key, sigma: number | tf.Scalar): tf.Tensor =>
  sigma === 0 ? x : tf.add(x, tf.mul(sigma, random.normal(key, x.shape)));
