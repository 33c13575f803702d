/**
 * The shape of an observation model: the law of an observation x given the output y of a generator.
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { Learning } from "@ergodic/nn";
import type { Key, TensorTree } from "@ergodic/tensor";
import type { Shown } from "@ergodic/training";

/**
 * p(x | y), where y = g(z) is the output of a generator. The first axis of observations is the
 * batch.
 *
 * @typeParam X the observation: a tensor, or a tree of tensors, such as symbols with a mask.
 * @typeParam Y the output of the generator: a tensor, or a tree of tensors. A decoder that reads
 *   the symbols before the next one needs its parameters here: its generator returns them beside
 *   what it makes of the latent.
 */
export interface ObservationModel<X extends TensorTree = tf.Tensor, Y extends TensorTree = tf.Tensor> {
  /** Whether p(x | y) is a probability of discrete x. Default false: it is a density. */
  readonly discrete?: boolean;
  /**
   * log p(x | y) in nats, `[batch]`.
   *
   * Learners pass `learning` in a loss. Chains, samples and scores leave it out.
   */
  logDensity(y: Y, x: X, learning?: Learning): tf.Tensor1D;
  /** How y is shown: the most probable x, or the mean of x where x is continuous. */
  decode(y: Y): X;
  /**
   * What observations show in reports and files. Default: the kind follows from the tensor's rank.
   */
  show?(x: X): Shown;
  /** A draw of x. */
  sample(y: Y, key: Key): X;
  /**
   * The error of a reconstruction: the distance of x from decoded y, a mean over the entries of
   * each example, `[batch]`.
   */
  error(y: Y, x: X): tf.Tensor1D;
}
