/**
 * Backbones: the maps from standard normal noise to examples that an energy can tilt. A flow is a
 * backbone.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { VectorGenerator } from "@ergodic/generators";
import { assertPositive, type TensorTree } from "@ergodic/tensor";

export interface TransportBackbone<P extends TensorTree = TensorTree> {
  /** The shape of one example. */
  readonly shape: readonly number[];
  /** The dimension of its noise. */
  readonly dimension: number;
  /** g(z): `[batch, dimension]` to `[batch, ...shape]`. */
  decode(params: P, z: tf.Tensor): tf.Tensor;
  /**
   * The same parameters for many calls of `decode`, with what all of them compute alike. Default:
   * the parameters themselves.
   */
  prepared?(params: P): P;
  /** log q(x), `[batch]`. Present when the density is known, as for flows. */
  logDensity?(params: P, x: tf.Tensor): tf.Tensor1D;
}

/**
 * x = g(z) of a generator.
 *
 * Its noise has fewer dimensions than its examples, so examples have no density. Learning and
 * sampling do not need one.
 */
export const generatorBackbone = <P extends TensorTree>(generator: VectorGenerator<P>): TransportBackbone<P> => ({
  shape: generator.outputShape,
  dimension: generator.latentDimension,
  decode: (params, z) => generator.apply(params, z),
});

/**
 * x = g(z) + σ ε with z and ε standard normal. The noise is (z, ε), z first.
 *
 * Tilted by f(x), its marginal is exp(f(x)) q(x)/Z, although q(x) cannot be computed. p(z | x)
 * stays q(z | x).
 * Xiao et al., "VAEBM", arXiv 2010.00654.
 *
 * @throws ValidationError unless σ is positive.
 */
export function noisyGeneratorBackbone<P extends TensorTree>(
  generator: VectorGenerator<P>,
  sigma: number,
): TransportBackbone<P> {
  assertPositive({ sigma });
  const size = generator.outputShape.reduce((product, side) => product * side, 1);
  const latent = generator.latentDimension;
  return {
    shape: generator.outputShape,
    dimension: latent + size,
    decode(params, noise) {
      const [z, epsilon] = tf.split(noise, [latent, size], 1) as [tf.Tensor, tf.Tensor];
      const mean = generator.apply(params, z);
      return tf.add(mean, tf.mul(sigma, tf.reshape(epsilon, mean.shape)));
    },
  };
}
