/** Reading and writing some of the rows of a tree, by their numbers. */
import * as tf from "@tensorflow/tfjs-core";
import { tree, type TensorTree } from "@ergodic/tensor";

/** The rows with these numbers, int32 `[m]`. */
export const gatherRows = <X extends TensorTree>(values: X, indices: tf.Tensor1D): X =>
  tree.map((leaf) => tf.gather(leaf, indices), values as TensorTree) as X;

/** f(x) as a constant to any gradient taken around it. */
const constant = (x: tf.Tensor, f: (x: tf.Tensor) => tf.Tensor): tf.Tensor =>
  tf.customGrad((value) => ({ value: f(value as tf.Tensor), gradFunc: () => tf.zerosLike(value as tf.Tensor) }))(x);

/** The tree cut from what it was computed from. */
export const detached = <X extends TensorTree>(values: X): X =>
  tree.map((leaf) => constant(leaf, (x) => tf.clone(x)), values as TensorTree) as X;

/** `values` with other rows at these numbers, each of which occurs once; cut from what both were computed from. */
export const scatterRows = <X extends TensorTree>(values: X, indices: tf.Tensor1D, rows: X): X =>
  tree.zip(
    (leaf, row) => constant(row, (x) => tf.tensorScatterUpdate(leaf, tf.reshape(indices, [indices.size, 1]), x)),
    values as TensorTree,
    rows,
  ) as X;
