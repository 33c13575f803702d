/** Reading and writing rows of a tree by their numbers. */
import * as tf from "@tensorflow/tfjs-core";
import { detached } from "@ergodic/engine";
import { tree, type TensorTree } from "@ergodic/tensor";

/** The rows with these numbers, int32 `[m]`. */
export const gatherRows = <X extends TensorTree>(values: X, indices: tf.Tensor1D): X =>
  tree.map((leaf) => tf.gather(leaf, indices), values as TensorTree) as X;

/**
 * `values` with other rows at these numbers, each of which occurs once. The result is constant to
 * gradients.
 */
export const scatterRows = <X extends TensorTree>(values: X, indices: tf.Tensor1D, rows: X): X =>
  tree.zip(
    (leaf, row) => detached(row, (x) => tf.tensorScatterUpdate(leaf, tf.reshape(indices, [indices.size, 1]), x)),
    values as TensorTree,
    rows,
  ) as X;
