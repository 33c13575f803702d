/** Schedules of learning rates and step sizes. */
import * as tf from "@tensorflow/tfjs-core";
import {
  assertInRange,
  assertNonNegative,
  assertPositive,
  assertPositiveInteger,
  type Schedule,
} from "@ergodic/tensor";

export interface PolynomialDecayOptions {
  /** a, positive. */
  readonly scale: number;
  /** b, positive. Default 1. */
  readonly offset?: number;
  /**
   * γ, in (0.5, 1], so that the sum of the steps diverges while that of their squares does not.
   * Default 0.55.
   */
  readonly power?: number;
}

/**
 * a (b + t)^-γ. Welling and Teh, "Bayesian learning via stochastic gradient Langevin dynamics"
 * (2011), section 4.1.
 *
 * @throws ValidationError for a scale or offset that is not positive, or a power outside (0.5, 1].
 */
export function polynomialDecay({ scale, offset = 1, power = 0.55 }: PolynomialDecayOptions): Schedule {
  assertPositive({ scale, offset });
  assertInRange({ power }, { min: 0.5, max: 1, minOpen: true });
  return (step) => tf.mul(scale, tf.pow(tf.add(offset, step), -power));
}

/**
 * How far step t is in its cycle of `length` steps: (t mod length)/length, in [0, 1).
 *
 * @throws ValidationError for a length that is no positive integer.
 */
export function cycleProgress(length: number): Schedule {
  assertPositiveInteger({ length });
  return (step) => tf.div(tf.mod(step, length), length);
}

/**
 * From `initial` down to 0 in every cycle: (initial/2)(cos(π r) + 1) with r the progress in the
 * cycle. arXiv 1902.03932, equation 1.
 *
 * @throws ValidationError for a negative `initial`, or a length that is no positive integer.
 */
export function cosineCycles({ initial, length }: { readonly initial: number; readonly length: number }): Schedule {
  assertNonNegative({ initial });
  const progress = cycleProgress(length);
  return (step) => tf.mul(initial / 2, tf.add(tf.cos(tf.mul(Math.PI, progress(step))), 1));
}
