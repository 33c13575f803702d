/** Denoising score matching. */
import { grad } from "@ergodic/engine";
import type { EnergyModel } from "@ergodic/energies";
import { constant } from "@ergodic/nn";
import type { Energy } from "@ergodic/samplers";
import { assertPositive, random, type Key, type Schedule, type TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { Objective } from "../objective.js";
import { sumPerExample } from "./per-example.js";

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

/** The number of updates made. */
export type DenoisingState = { readonly step: tf.Scalar };

/** Learning by {@link denoisingScoreLoss}. @throws ValidationError unless `sigma` is positive. */
export function denoisingScoreMatching({ sigma }: DenoisingOptions) {
  if (typeof sigma === "number") assertPositive({ sigma });
  const at = typeof sigma === "number" ? constant(sigma) : sigma;
  return <P extends TensorTree>(model: EnergyModel<P>): Objective<P, DenoisingState> => ({
    init: () => ({ step: tf.scalar(0) }),
    begin: ({ x, state: { step }, key }) => ({
      loss: (params) => {
        const energy: Energy = (y: tf.Tensor) => model.energy(params, y, { key });
        const value = denoisingScoreLoss(energy, x, { sigma: at(step), key });
        return [value, { loss: value }];
      },
      state: { step: tf.add(step, 1) },
    }),
  });
}
