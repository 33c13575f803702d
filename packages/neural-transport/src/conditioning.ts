/** A tilted model given what was seen of an example: inpainting, denoising, and other linear pieces of it. */
import * as tf from "@tensorflow/tfjs-core";
import type { Energy } from "@ergodic/samplers";
import { assertPositive, assertShape, type TensorTree } from "@ergodic/tensor";
import { tilted, type Tilted, type TiltedParams } from "./tilted.js";

export interface Observation {
  /** y: one example `[...shape]` that all chains share, or `[chains, ...shape]`, one for each. */
  readonly observed: tf.Tensor;
  /** m, of the same shape: 1 where y was seen, 0 where it is to be filled in. Default: seen everywhere. */
  readonly mask?: tf.Tensor;
  /** s, the standard deviation of the noise on what was seen. */
  readonly sd: number;
}

/**
 * U(z | y) = U(z) + ‖m ⊙ (g(z) - y)‖²/(2 s²), `[chains]`: the posterior over noise when y = x + s ε was seen where m is 1. Chains on it, decoded,
 * are draws of p(x | y). Bayes' rule for arXiv 2006.06897's model; what stands in y where nothing was seen does not count.
 *
 * @throws ValidationError for s that is not positive, and for shapes that are not the backbone's.
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
  // What was seen tilts the model once more.
  const ofObservation = (x: tf.Tensor): tf.Tensor => {
    const difference = tf.sub(x, observed);
    const seen = mask ? tf.where(tf.cast(mask, "bool"), difference, tf.zerosLike(difference)) : difference;
    return tf.mul(0.5 / sd ** 2, tf.sum(tf.reshape(tf.square(seen), [x.shape[0]!, -1]), 1));
  };
  const both = (of: E, x: tf.Tensor) => tf.add(energy.energy(of, x), ofObservation(x)) as tf.Tensor1D;
  return tilted(backbone, { ...energy, energy: both }).latentEnergy(params);
}
