/** Reading and writing some of the rows of a tree, by their numbers. */
import * as tf from "@tensorflow/tfjs-core";
import { tree, type TensorTree } from "@ergodic/tensor";

/** The rows with these numbers, int32 `[m]`. */
export const gatherRows = <X extends TensorTree>(values: X, indices: tf.Tensor1D): X =>
  tree.map((leaf) => tf.gather(leaf, indices), values as TensorTree) as X;

/** `values` with other rows at these numbers, each of which occurs once. */
export const scatterRows = <X extends TensorTree>(values: X, indices: tf.Tensor1D, rows: X): X =>
  tree.zip(
    (leaf, row) => tf.tensorScatterUpdate(leaf, tf.reshape(indices, [indices.size, 1]), row),
    values as TensorTree,
    rows,
  ) as X;

/** The same numbers as constants to any gradient. */
const constant = tf.customGrad((x: tf.Tensor | tf.GradSaveFunc) => ({
  value: tf.clone(x as tf.Tensor),
  gradFunc: (dy: tf.Tensor) => tf.zerosLike(dy),
}));

/** The tree cut from what it was computed from: a gradient taken around it sees constants. */
export const detached = <X extends TensorTree>(values: X): X =>
  tree.map((leaf) => constant(leaf), values as TensorTree) as X;
