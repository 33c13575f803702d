/**
 * Controllers of step sizes for chains whose target drifts, as while an energy is trained. Such
 * adaptation never ends.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assertPositive, assertShape, fail } from "@ergodic/tensor";

/**
 * ε (1 + r) while the acceptance probability, the mean over chains, is above the target, else ε/(1
 * + r).
 *
 * @param rate r. Default 0.01, with a target of 0.75.
 */
export const adjustStepSize = (
  stepSize: number,
  acceptance: number,
  { target = 0.75, rate = 0.01 }: { readonly target?: number; readonly rate?: number } = {},
): number => (acceptance > target ? stepSize * (1 + rate) : stepSize / (1 + rate));

/**
 * The same for tensors, inside a compiled update: log ε + c (ā - δ), a Robbins-Monro step of
 * constant gain, kept within bounds.
 *
 * @param stepSize ε, `[]` or, for step sizes per chain, `[chains]`.
 * @param acceptance ā, the mean acceptance probability over chains, a scalar; or of the shape of ε,
 *   the probability of each chain.
 * @param target δ.
 * @returns ε of the next update, at most e^c times larger or smaller.
 * @throws ValidationError for a gain that is not positive, bounds out of order, or an acceptance of
 *   another shape.
 */
export function followAcceptance<T extends tf.Tensor>(
  stepSize: T,
  acceptance: tf.Tensor,
  { target = 0.651, gain = 0.05, bounds = [1e-3, 1.5] }: FollowOptions = {},
): T {
  assertPositive({ gain, "bounds[0]": bounds[0] });
  if (acceptance.rank > 0) assertShape("acceptance", acceptance, stepSize.shape, "pass its mean over chains");
  if (!(bounds[0] < bounds[1])) fail(`bounds are [${bounds.join(", ")}]`, "a smallest step size below a largest");
  const moved = tf.mul(stepSize, tf.exp(tf.mul(gain, tf.sub(acceptance, target))));
  return tf.clipByValue(moved, bounds[0], bounds[1]) as T;
}

export interface FollowOptions {
  /** Default 0.651, the best for trajectories of a fixed length. */
  readonly target?: number;
  /** c. Default 0.05. */
  readonly gain?: number;
  /** Smallest and largest step size. Default [0.001, 1.5]. */
  readonly bounds?: readonly [number, number];
}
