/**
 * The densities of a generator with a latent-space energy-based prior, as energies (negative log densities up to a constant).
 *
 * Pang, Han, Nijkamp, Zhu, Wu, "Learning Latent Space Energy-Based Prior Model", arXiv 2006.08205. With latent z, observation x, generator g:
 *   prior      p(z)   ∝ exp(-E(z)) N(z; 0, I)             U(z)     = E(z) + |z|²/2
 *   likelihood p(x|z) = p(x | y = g(z)), N(x; g(z), σ² I) for images
 *   posterior  p(z|x) ∝ p(z) p(x|z)                       U(z | x) = U(z) - log p(x|z)
 * The paper writes the tilt as f = -E; it is turned around here, once.
 */
import * as tf from "@tensorflow/tfjs-core";

/** An energy of latents: `z [batch, d]` to `[batch]`. */
export type LatentEnergy = (z: tf.Tensor) => tf.Tensor;

/** U(z) = E(z) + |z|²/2 for a tilt E; without one, the Gaussian reference alone. */
export function priorEnergy(tilt: LatentEnergy | undefined): LatentEnergy {
  return (z) => {
    const reference = tf.mul(0.5, tf.sum(tf.square(tf.reshape(z, [z.shape[0]!, -1])), 1));
    return tilt === undefined ? reference : tf.add(tilt(z), reference);
  };
}

/** U(z | x) = U(z) - log p(x|z), one latent for each observation of the batch. */
export function posteriorEnergy(prior: LatentEnergy, logLikelihood: (z: tf.Tensor) => tf.Tensor): LatentEnergy {
  return (z) => tf.sub(prior(z), logLikelihood(z));
}
