/**
 * The shape of a latent space: where its chains start, and the base law p0(z) that an energy may
 * tilt.
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { Learning, NoParams } from "@ergodic/nn";
import type { Key, TensorTree } from "@ergodic/tensor";

export interface StartOptions {
  /** Standard deviation of the starts. Default 1. */
  readonly sd?: number;
}

/**
 * A latent space with its base law p0(z; params).
 *
 * A latent is a tensor, or a tree of tensors with a leaf for each layer. The first axis of every
 * leaf is the batch.
 *
 * @typeParam P parameters of p0: none for a standard normal law, those of the conditionals for a
 *   hierarchical one.
 * @typeParam Z the latents, `[batch, ...]` in each leaf.
 */
export interface Latents<P extends TensorTree = NoParams, Z extends TensorTree = tf.Tensor> {
  /** How many numbers one latent holds, over all layers. */
  readonly dimension: number;
  /** Fresh parameters. Left out where p0 has none; `params` is then a tree without leaves. */
  init?(key: Key): P;
  /** `n` latents that chains start from: N(0, sd² I) in each layer, whatever p0 is. */
  start(key: Key, n: number, options?: StartOptions): Z;
  /** `n` exact draws of p0. */
  draw(params: P, key: Key, n: number): Z;
  /**
   * -log p0(z; params) up to a constant that depends on no parameter, `[batch]`.
   *
   * Learners pass `learning` in a loss. Chains, samples and scores leave it out.
   */
  energy(params: P, z: Z, learning?: Learning): tf.Tensor1D;
  /**
   * The map T from noise N(0, I), of the shapes of z, to p0, if p0 has one whose Jacobian cancels:
   * a tilted law exp(-E(z)) p0(z) is then exp(-E(T(ε))) N(ε; 0, I) in noise, with the same
   * normaliser.
   */
  fromNoise?(params: P, noise: Z): Z;
  /** The noise T⁻¹(z) of latents. Latents with `fromNoise` have it, unless T has no inverse. */
  toNoise?(params: P, z: Z): Z;
  /**
   * The names of the layers from the bottom to the top, where `fromNoise` makes each of its noise
   * and the layers above.
   */
  readonly layers?: readonly string[];
  /**
   * The parameters with moved `$fixed` members, given latents that are learned from. All other
   * tensors are the same. Learners call it between updates, never inside a chain or a loss.
   */
  refresh?(params: P, z: Z): P;
}
