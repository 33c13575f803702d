/**
 * Replicas as rows: chain c at place i of R is row c R + i of a batch.
 *
 * The rows of a chain are adjacent and do not depend on the number of chains after it.
 */
import * as tf from "@tensorflow/tfjs-core";
import { tree, type TensorTree } from "@ergodic/tensor";

/** One number per replica, `[R]`, as one per row, `[chains · R]`. */
export const alongReplicas = (vector: tf.Tensor1D, chains: number): tf.Tensor1D => tf.tile(vector, [chains]);

/** Every chain `count` times, `[chains · R, ...]`. */
export const repeated = <X extends TensorTree>(position: X, count: number): X =>
  tree.map((leaf) => {
    const [chains, ...event] = leaf.shape as [number, ...number[]];
    const copies = tf.tile(tf.expandDims(leaf, 1), [1, count, ...event.map(() => 1)]);
    return tf.reshape(copies, [chains * count, ...event]);
  }, position as TensorTree) as X;

/** Rows as `[chains, R]`. */
export const byChain = (rows: tf.Tensor, chains: number): tf.Tensor2D => tf.reshape(rows, [chains, rows.size / chains]);

/**
 * The rows of the first replica, `[chains, ...]`, leaf by leaf. Leaves without one entry per row
 * are kept.
 */
export const firstOf = <T extends TensorTree>(rows: T, chains: number, count: number): T =>
  tree.map((leaf) => {
    const [length, ...event] = leaf.shape;
    if (length !== chains * count) return leaf;
    const grouped = tf.reshape(leaf, [chains, count, ...event]);
    return tf.reshape(tf.slice(grouped, [0, 0], [-1, 1]), [chains, ...event]);
  }, rows as TensorTree) as T;

/** The rows with those of the first replica replaced by `position`, `[chains, ...]`. */
export const withFirst = <X extends TensorTree>(rows: X, position: X, count: number): X =>
  tree.zip(
    (leaf, first) => {
      const [chains, ...event] = first.shape as [number, ...number[]];
      const others = tf.slice(tf.reshape(leaf, [chains, count, ...event]), [0, 1]);
      return tf.reshape(tf.concat([tf.expandDims(first, 1), others], 1), leaf.shape);
    },
    rows as TensorTree,
    position,
  ) as X;

/** The rows in another order: within each chain, place i gets the row from place `source[c, i]`. */
export function permuted<T extends TensorTree>(rows: T, source: tf.Tensor2D): T {
  const [chains, count] = source.shape;
  const offsets = tf.tensor2d(
    Array.from({ length: chains }, (_, c) => c * count),
    [chains, 1],
    "int32",
  );
  const indices = tf.reshape(tf.add(source, offsets), [chains * count]);
  return tree.map((leaf) => tf.gather(leaf, indices), rows as TensorTree) as T;
}
