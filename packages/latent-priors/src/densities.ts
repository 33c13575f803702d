/**
 * The densities of a generator with a latent-space energy-based prior, as energies (negative log densities up to a constant).
 *
 * Pang, Han, Nijkamp, Zhu, Wu, "Learning Latent Space Energy-Based Prior Model", arXiv 2006.08205. With latent z, image x, generator g:
 *   prior      p(z)   ∝ exp(-E(z)) N(z; 0, I)             U(z)     = E(z) + |z|²/2
 *   likelihood p(x|z) = N(x; g(z), σ² I)
 *   posterior  p(z|x) ∝ p(z) p(x|z)                       U(z | x) = U(z) + |x - g(z)|²/(2σ²)
 * The paper writes the tilt as f = -E; it is turned around here, once.
 */
import * as tf from "@tensorflow/tfjs-core";

/** An energy of latents: `z [batch, d]` to `[batch]`. */
export type LatentEnergy = (z: tf.Tensor) => tf.Tensor;

const sumSquares = (x: tf.Tensor): tf.Tensor => tf.sum(tf.square(tf.reshape(x, [x.shape[0]!, -1])), 1);

/** Σ over all entries of each example of (x - g(z))²: `[batch]`. */
export const squaredError = (image: tf.Tensor, generated: tf.Tensor): tf.Tensor => sumSquares(tf.sub(image, generated));

/** U(z) = E(z) + |z|²/2 for a tilt E; without one, the Gaussian reference alone. */
export function priorEnergy(tilt: LatentEnergy | undefined): LatentEnergy {
  return (z) => {
    const reference = tf.mul(0.5, sumSquares(z));
    return tilt === undefined ? reference : tf.add(tilt(z), reference);
  };
}

/** U(z | x) = U(z) + |x - g(z)|²/(2σ²), one latent for each image of the batch. */
export function posteriorEnergy(
  prior: LatentEnergy,
  generate: (z: tf.Tensor) => tf.Tensor,
  image: tf.Tensor,
  sigma: number,
): LatentEnergy {
  return (z) => tf.add(prior(z), tf.mul(1 / (2 * sigma * sigma), squaredError(image, generate(z))));
}
