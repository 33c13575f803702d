/** The length of a whole gradient, and clipping by it. */
import * as tf from "@tensorflow/tfjs-core";
import { assertPositive, tree, type TensorTree } from "@ergodic/tensor";

/** The Euclidean norm of all numbers of the tree together, a scalar; 0 for a tree without leaves. */
export function globalNorm(values: TensorTree): tf.Scalar {
  const squares = tree.leaves(values).map((leaf) => tf.sum(tf.square(leaf)));
  return tf.sqrt(squares.reduce<tf.Tensor>((total, square) => tf.add(total, square), tf.scalar(0))) as tf.Scalar;
}

/**
 * grads · min(1, maxNorm / ‖grads‖): the direction stays, the length is at most `maxNorm`. A zero gradient stays zero.
 *
 * @throws ValidationError unless `maxNorm` is positive.
 */
export function clipByGlobalNorm<P extends TensorTree>(grads: P, maxNorm: number): P {
  assertPositive({ maxNorm });
  const factor = tf.div(maxNorm, tf.maximum(globalNorm(grads), maxNorm));
  return tree.map((leaf) => tf.mul(leaf, factor), grads);
}
