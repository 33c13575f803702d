/** Inference of a vector of latents by a normal law. */
import type * as tf from "@tensorflow/tfjs-core";
import type { Layer, Learning } from "@ergodic/nn";
import { assertNonNegative, assertPositiveInteger, random, type TensorTree } from "@ergodic/tensor";
import { defaultFloor, fromNoise, normalEnergy, normalLaw, type NormalLaw } from "../latents/normal-law.js";
import type { InferenceModel } from "./inference-model.js";

export interface NormalInferenceOptions<P extends TensorTree, X extends TensorTree> {
  /** d, the numbers of a latent. */
  readonly dimension: number;
  /** From the observation to `[batch, 2d]`: mean and log sd. */
  readonly network: Layer<P, X>;
  /** Added to the standard deviation. Default 0.01. */
  readonly floor?: number;
}

/** Inference by a normal law that can be read. */
export interface NormalInference<P extends TensorTree, X extends TensorTree = tf.Tensor> extends InferenceModel<P, X> {
  readonly dimension: number;
  /** μ(x) and σ(x), `[batch, d]` each. */
  law(params: P, x: X, learning?: Learning): NormalLaw;
}

/**
 * q(z | x) = N(z; μ(x), diag σ(x)²), σ = exp(s) + floor, for latents `[batch, d]`.
 *
 * Kingma and Welling, "Auto-Encoding Variational Bayes", arXiv 1312.6114.
 *
 * @throws ValidationError for a dimension that is no positive integer or a negative floor; at the
 *   first use when the output of the network has another shape.
 */
export function normalInference<P extends TensorTree, X extends TensorTree = tf.Tensor>(
  options: NormalInferenceOptions<P, X>,
): NormalInference<P, X> {
  const { dimension, network, floor = defaultFloor } = options;
  assertPositiveInteger({ dimension });
  assertNonNegative({ floor });
  const lawOf = (params: P, x: X, learning?: Learning): NormalLaw =>
    normalLaw(network.apply(params, x, learning), dimension, floor, "the inference network");
  return {
    dimension,
    law: lawOf,
    init: (key) => network.init(key),
    draw(params, x, key, learning) {
      const law = lawOf(params, x, learning);
      return fromNoise(law, random.normal(key, law.mean.shape));
    },
    energy: (params, z, x, learning) => normalEnergy(lawOf(params, x, learning), z),
    ...(network.refresh && { refresh: (params: P, { x }: { readonly x: X }) => network.refresh!(params, x) }),
  };
}
