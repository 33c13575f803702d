/**
 * A tilted model conditioned on an observation of an example: inpainting, denoising and mixtures of
 * both.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Energy } from "@ergodic/samplers";
import { assertPositive, assertShape, type TensorTree } from "@ergodic/tensor";
import { tilted, type Tilted, type TiltedParams } from "./tilted.js";

export interface Observation {
  /** y: one example `[...shape]` shared by all chains, or `[chains, ...shape]`, one per chain. */
  readonly observed: tf.Tensor;
  /**
   * m, with the shape of y: 1 where y is observed, 0 where it is missing. Default: all observed.
   */
  readonly mask?: tf.Tensor;
  /** s, the standard deviation of the observation noise. */
  readonly sd: number;
}

/**
 * U(z | y) = U(z) + ‖m ⊙ (g(z) - y)‖²/(2 s²), `[chains]`: the posterior energy of noise.
 *
 * The observation is y = x + s ε where m is 1. Values of y where m is 0 are ignored. Decoded chains
 * on this energy are draws of p(x | y). It is Bayes' rule for the model of arXiv 2006.06897.
 *
 * @throws ValidationError for s that is not positive, and for shapes other than those of the
 * backbone.
 */
export function conditionedEnergy<B extends TensorTree, E extends TensorTree>(
  { backbone, energy }: Tilted<B, E>,
  params: TiltedParams<B, E>,
  { observed, mask, sd }: Observation,
): Energy {
  assertPositive({ sd });
  const { shape } = backbone;
  const ranked = (what: string, tensor: tf.Tensor): void =>
    assertShape(what, tensor, tensor.rank > shape.length ? [null, ...shape] : shape);
  ranked("observed", observed);
  if (mask) ranked("mask", mask);
  // The observation is a second tilt of the model.
  const ofObservation = (x: tf.Tensor): tf.Tensor => {
    const difference = tf.sub(x, observed);
    const seen = mask ? tf.where(tf.cast(mask, "bool"), difference, tf.zerosLike(difference)) : difference;
    return tf.mul(0.5 / sd ** 2, tf.sum(tf.reshape(tf.square(seen), [x.shape[0]!, -1]), 1));
  };
  const both = (of: E, x: tf.Tensor) => tf.add(energy.energy(of, x), ofObservation(x)) as tf.Tensor1D;
  return tilted(backbone, { ...energy, energy: both }).latentEnergy(params);
}
