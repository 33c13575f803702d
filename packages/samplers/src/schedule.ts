/** Numbers that change with the step of a chain, as functions of a scalar tensor, so that a compiled step serves them all. */
import * as tf from "@tensorflow/tfjs-core";
import {
  assertFunction,
  assertInRange,
  assertNonNegative,
  assertPositive,
  assertPositiveInteger,
} from "@ergodic/tensor";

/** From the number of steps already made, 0 at the first, to a value. */
export type Schedule = (step: tf.Scalar) => tf.Scalar;

/** A schedule as it is, a number as the schedule that never changes. */
export const toSchedule = (value: number | Schedule): Schedule =>
  typeof value === "number" ? () => tf.scalar(value) : value;

/**
 * Checks values that may be schedules; what a schedule returns is not known before a chain runs.
 *
 * @throws ValidationError for a number that `assertNumber` refuses, or what is neither a number nor a function.
 */
export function assertSchedules(
  values: { readonly [name: string]: unknown },
  assertNumber: (values: { readonly [name: string]: unknown }) => void,
): void {
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === "number") assertNumber({ [name]: value });
    else assertFunction({ [name]: value }, "pass a number or a schedule");
  }
}

export interface PolynomialDecayOptions {
  /** a, positive. */
  readonly scale: number;
  /** b, positive. Default 1. */
  readonly offset?: number;
  /** γ, in (0.5, 1] for steps whose sum diverges while that of their squares does not. Default 0.55. */
  readonly power?: number;
}

/** a (b + t)^-γ. Welling and Teh, "Bayesian learning via stochastic gradient Langevin dynamics" (2011), section 4.1. */
export function polynomialDecay({ scale, offset = 1, power = 0.55 }: PolynomialDecayOptions): Schedule {
  assertPositive({ scale, offset });
  assertInRange({ power }, { min: 0.5, max: 1, minOpen: true });
  return (step) => tf.mul(scale, tf.pow(tf.add(offset, step), -power));
}

/** How far step t is in its cycle of `length` steps: (t mod length)/length, in [0, 1). */
export function cycleProgress(length: number): Schedule {
  assertPositiveInteger({ length });
  return (step) => tf.div(tf.mod(step, length), length);
}

/** From `initial` down to 0 in every cycle, (initial/2)(cos(π r) + 1) with r the progress in it. arXiv 1902.03932, equation 1. */
export function cosineCycles({ initial, length }: { readonly initial: number; readonly length: number }): Schedule {
  assertNonNegative({ initial });
  const progress = cycleProgress(length);
  return (step) => tf.mul(initial / 2, tf.add(tf.cos(tf.mul(Math.PI, progress(step))), 1));
}
