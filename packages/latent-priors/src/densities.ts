/**
 * Densities of a generator with a latent-space energy-based prior, as energies: negative
 * log-densities up to a constant.
 *
 * With latent z, observation x, generator g and base law p0:
 *   prior      p(z)   ∝ exp(-E(z)) p0(z)                  U(z)     = E(z) - log p0(z)
 *   likelihood p(x|z) = p(x | y = g(z)), N(x; g(z), σ² I) for images
 *   posterior  p(z|x) ∝ p(z) p(x|z)                       U(z | x) = U(z) - log p(x|z)
 * The base law is N(0, I) unless latents have another: -log p0(z) = |z|²/2.
 * The paper writes the tilt as f = -E. The sign is changed here and nowhere else.
 *
 * Source: Pang, Han, Nijkamp, Zhu, Wu, "Learning Latent Space Energy-Based Prior Model", arXiv
 * 2006.08205.
 */
import * as tf from "@tensorflow/tfjs-core";
import { standardNormalEnergy } from "@ergodic/generators";
import type { TensorTree } from "@ergodic/tensor";

/** An energy of latents: z, `[batch, ...]` in each leaf, to `[batch]`. */
export type LatentEnergy<Z extends TensorTree = tf.Tensor> = (z: Z) => tf.Tensor;

/**
 * U(z) = E(z) - log p0(z) for a tilt E. Without a tilt, U is the energy of the base law alone.
 *
 * @param base -log p0(z). Default: |z|²/2, of N(0, I).
 */
export function priorEnergy<Z extends TensorTree = tf.Tensor>(
  tilt: LatentEnergy<Z> | undefined,
  base: LatentEnergy<Z> = standardNormalEnergy,
): LatentEnergy<Z> {
  if (tilt === undefined) return base;
  return (z) => {
    const ofBase = base(z);
    return tf.add(tilt(z), ofBase);
  };
}

/**
 * U(z | x) = U(z) - β log p(x|z), with one latent for each observation of the batch.
 *
 * @param weight β. Default 1, the posterior. Any other has the tempered posterior
 *   ∝ p(z) p(x|z)^β.
 */
export function posteriorEnergy<Z extends TensorTree = tf.Tensor>(
  prior: LatentEnergy<Z>,
  logLikelihood: LatentEnergy<Z>,
  weight = 1,
): LatentEnergy<Z> {
  return (z) => tf.sub(prior(z), weight === 1 ? logLikelihood(z) : tf.mul(weight, logLikelihood(z)));
}
