/**
 * The shape of an observation model: the law of an observation x given the output y of a generator.
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { Key, TensorTree } from "@ergodic/tensor";

/**
 * p(x | y), where y = g(z) is the output of a generator. The first axes are the batch.
 *
 * @typeParam X the observation: a tensor, or a tree of tensors, such as symbols with a mask.
 */
export interface ObservationModel<X extends TensorTree = tf.Tensor> {
  /** log p(x | y) in nats, `[batch]`. */
  logDensity(y: tf.Tensor, x: X): tf.Tensor1D;
  /** How y is shown: the most probable x, or the mean of x where x is continuous. */
  decode(y: tf.Tensor): X;
  /** A draw of x. */
  sample(y: tf.Tensor, key: Key): X;
  /**
   * The error of a reconstruction: the distance of x from decoded y, a mean over the entries of
   * each example, `[batch]`.
   */
  error(y: tf.Tensor, x: X): tf.Tensor1D;
}
