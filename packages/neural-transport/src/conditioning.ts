/** A tilted model given what was seen of an example: inpainting, denoising, and other linear pieces of it. */
import * as tf from "@tensorflow/tfjs-core";
import type { Energy } from "@ergodic/samplers";
import { assertPositive, assertShape, type TensorTree } from "@ergodic/tensor";
import type { Tilted, TiltedParams } from "./tilted.js";

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
 * are draws of p(x | y). Bayes' rule for arXiv 2006.06897's model; the unmasked part of y is never read.
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
  const seen = mask && tf.cast(mask, "bool");
  return (z) => {
    const x = backbone.decode(params.backbone, z);
    const difference = tf.sub(x, observed);
    const counted = seen ? tf.where(seen, difference, tf.zerosLike(difference)) : difference;
    const squares = tf.sum(tf.reshape(tf.square(counted), [z.shape[0]!, -1]), 1);
    const prior = tf.add(tf.mul(0.5, tf.sum(tf.square(z), 1)), energy.energy(params.energy, x));
    return tf.add(prior, tf.mul(0.5 / sd ** 2, squares)) as tf.Tensor1D;
  };
}
