/** Negatives without those of the highest energies. */
import { timesCount } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";

/**
 * The rows of `x` `[n, ...]` without the `⌊fraction n⌋` of highest energy, `fraction` in [0, 1).
 * The
 * mean of their energies is the trimmed mean of the energies `[n]`.
 */
export function withoutHighest(x: tf.Tensor, energies: () => tf.Tensor, fraction: number): tf.Tensor {
  const n = x.shape[0]!;
  const left = n - Math.floor(timesCount(fraction, n));
  return left === n ? x : tf.gather(x, tf.topk(tf.neg(energies()), left).indices);
}
