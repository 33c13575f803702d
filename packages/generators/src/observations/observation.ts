/** What an observation model is: the law of an observation x given the output y of a generator. */
import type * as tf from "@tensorflow/tfjs-core";
import type { Key, TensorTree } from "@ergodic/tensor";

/**
 * p(x | y), where y = g(z) is what a generator makes of a latent; first axes are the batch.
 *
 * @typeParam X the observation: a tensor, or a tree for observations with a mask.
 */
export interface ObservationModel<X extends TensorTree = tf.Tensor> {
  /** log p(x | y) in nats, `[batch]`. */
  logDensity(y: tf.Tensor, x: X): tf.Tensor1D;
  /** The most probable x, or its mean where x is continuous: how y is shown. */
  decode(y: tf.Tensor): X;
  /** A draw of x. */
  sample(y: tf.Tensor, key: Key): X;
  /** How far x is from what y decodes to, a mean over the entries of each example, `[batch]`: what reconstruction is measured by. */
  error(y: tf.Tensor, x: X): tf.Tensor1D;
}
