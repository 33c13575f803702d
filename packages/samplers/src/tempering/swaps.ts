/** Exchanges between neighbouring replicas, decided for each chain separately. */
import * as tf from "@tensorflow/tfjs-core";
import { random, type Key } from "@ergodic/tensor";
import { acceptanceOf } from "../metropolis.js";

export type SwapOrder = "deterministic" | "stochastic";

/** Pair i is that of the replicas i and i + 1. */
export type Swaps = {
  /**
   * min(1, exp((β_i - β_{i+1})(Φ_i - Φ_{i+1}))) of every pair, tried or not, `[chains, R - 1]`: the
   * probability, not the outcome.
   */
  readonly swapProb: tf.Tensor2D;
  /** Whether the pair was exchanged, `[chains, R - 1]`. */
  readonly swapped: tf.Tensor2D;
  /** For every place, the replica whose position it receives, `[chains, R]`, int32. */
  readonly source: tf.Tensor2D;
};

/**
 * Tries the even pairs (0, 1), (2, 3), ... or the odd ones (1, 2), (3, 4), ...
 *
 * @param differences Φ, `[chains, R]`
 * @param beta `[R]`
 * @param odd 1 for the odd pairs and 0 for the even ones: a scalar, or `[chains, 1]`
 */
export function swapNeighbours(differences: tf.Tensor2D, beta: tf.Tensor1D, odd: tf.Tensor, key: Key): Swaps {
  const [chains, replicas] = differences.shape;
  const pairs = replicas - 1;
  const drop = tf.sub(tf.slice(beta, 0, pairs), tf.slice(beta, 1, pairs));
  const excess = tf.sub(tf.slice2d(differences, [0, 0], [-1, pairs]), tf.slice2d(differences, [0, 1], [-1, pairs]));
  const swapProb = acceptanceOf(tf.neg(tf.mul(drop, excess))) as tf.Tensor as tf.Tensor2D;
  const parity = tf.tensor1d(Array.from({ length: pairs }, (_, i) => i % 2));
  const tried = tf.cast(tf.equal(parity, odd), "float32");
  const wins = tf.cast(tf.less(random.uniform(key, [chains, pairs]), swapProb), "float32");
  const swapped = tf.mul<tf.Tensor2D>(wins, tried);
  const shift = tf.sub(
    tf.pad2d(swapped, [
      [0, 0],
      [0, 1],
    ]),
    tf.pad2d(swapped, [
      [0, 0],
      [1, 0],
    ]),
  );
  const source = tf.cast(tf.add<tf.Tensor2D>(shift, tf.range(0, replicas)), "int32");
  return { swapProb, swapped, source };
}
