/** The shape of an inference model: a law of latents given an observation. */
import type * as tf from "@tensorflow/tfjs-core";
import type { Learning } from "@ergodic/nn";
import type { Key, TensorTree } from "@ergodic/tensor";

/**
 * q(z | x; params), an approximation of the posterior.
 *
 * @typeParam X the observation, a tensor or a tree of tensors.
 * @typeParam Z the latents, `[batch, ...]` in each leaf.
 */
export interface InferenceModel<
  P extends TensorTree,
  X extends TensorTree = tf.Tensor,
  Z extends TensorTree = tf.Tensor,
> {
  init(key: Key): P;
  /** A draw for each observation, differentiable in the parameters (reparameterised). */
  draw(params: P, x: X, key: Key, learning?: Learning): Z;
  /**
   * -log q(z | x), `[batch]`, without the constant (d/2) log 2π that the energies of normal latents
   * leave out too.
   */
  energy(params: P, z: Z, x: X, learning?: Learning): tf.Tensor1D;
  /** The parameters with moved `$fixed` members, given observations and latents of each. */
  refresh?(params: P, seen: { readonly x: X; readonly z: Z }): P;
}
