/** Denoising score matching. */
import { grad } from "@ergodic/engine";
import type { Energy } from "@ergodic/samplers";
import { assertPositive, random, type Key, type Schedule } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { sumPerExample } from "./per-example.js";
import { scoreObjective } from "./score-objective.js";

/**
 * mean ½ |σ ∇E(x + σξ) - ξ|², ξ ~ N(0, I), summed over the entries of an example.
 *
 * At its minimum exp(-E) is the law of x + σξ: the data blurred by σ.
 * Vincent, "A connection between score matching and denoising autoencoders" (2011), equation 11,
 * times σ².
 */
export function denoisingScoreLoss(
  energy: Energy,
  x: tf.Tensor,
  { sigma, key }: { sigma: number | tf.Scalar; key: Key },
): tf.Tensor {
  const noise = random.normal(key, x.shape);
  const slope = grad((at: tf.Tensor) => tf.sum(energy(at)))(tf.add(x, tf.mul(sigma, noise)));
  return tf.mul(0.5, tf.mean(sumPerExample(tf.square(tf.sub(tf.mul(sigma, slope), noise)))));
}

export interface DenoisingOptions {
  /**
   * σ. As a schedule it falls with the updates from the distance of modes to the final blur, for
   * example `exponentialDecay({ initial: 1, factor: 0.05, every: 2_000, floor: 0.05 })`. Scores of
   * little noise alone do not tell what modes far apart weigh.
   */
  readonly sigma: number | Schedule;
}

/** Learning by {@link denoisingScoreLoss}. @throws ValidationError unless `sigma` is positive. */
export function denoisingScoreMatching({ sigma }: DenoisingOptions) {
  if (typeof sigma === "number") assertPositive({ sigma });
  return scoreObjective(sigma, denoisingScoreLoss);
}
