/** Noise on the data, which keeps a learned energy smooth. */
import { random, type Key } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";

export interface DataNoise {
  /** Standard deviation of Gaussian noise that is added to the data. Default 0. */
  readonly dataNoise?: number;
}

export const noisy = (x: tf.Tensor, key: Key, dataNoise: number): tf.Tensor =>
  dataNoise === 0 ? x : tf.add(x, random.normal(key, x.shape, { sd: dataNoise }));
