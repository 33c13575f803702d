/**
 * The Metropolis test: a proposal that raises the (total) energy by ΔH is accepted with probability
 * min(1, exp(-ΔH)).
 *
 * A ΔH that is NaN or infinite, of either sign, is never accepted: such a proposal left the range
 * of arithmetic.
 */
import * as tf from "@tensorflow/tfjs-core";
import { random, type Key } from "@ergodic/tensor";

/** The report of an accept step, each tensor `[chains]`. */
export type Decision = {
  /** min(1, exp(-ΔH)), 0 where ΔH is not finite: the probability, not the outcome. */
  readonly acceptProb: tf.Tensor1D;
  readonly accepted: tf.Tensor1D;
  /** ΔH. */
  readonly energyError: tf.Tensor1D;
  /** Whether ΔH is not finite or above 1000: the trajectory left its energy level. */
  readonly divergent: tf.Tensor1D;
};

/** ΔH above which a trajectory counts as divergent. */
export const divergenceLimit = 1000;

/** min(1, exp(-ΔH)), and 0 where ΔH is not finite. */
export const acceptanceOf = (energyError: tf.Tensor): tf.Tensor1D =>
  tf.where(
    tf.isFinite(energyError),
    tf.exp(tf.minimum(tf.neg(energyError), 0)),
    tf.zerosLike(energyError),
  ) as tf.Tensor1D;

/** Whether ΔH is not finite or too large. */
export const isDivergent = (energyError: tf.Tensor): tf.Tensor1D =>
  tf.logicalOr(tf.logicalNot(tf.isFinite(energyError)), tf.greater(energyError, divergenceLimit)) as tf.Tensor1D;

/** Decides for each chain, with one uniform number per chain from `key`. */
export function metropolis(energyError: tf.Tensor1D, key: Key): Decision {
  const acceptProb = acceptanceOf(energyError);
  return {
    acceptProb,
    accepted: tf.less(random.uniform(key, energyError.shape), acceptProb),
    energyError,
    divergent: isDivergent(energyError),
  };
}
