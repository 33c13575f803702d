/** Euclidean lengths of trees of tensors whose squares may leave the range of float32. */
import * as tf from "@tensorflow/tfjs-core";
import { tree, type TensorTree } from "./tree.js";

/** ‖x‖ = scale · length. The length is of ordinary size, and the scale is 1 wherever numbers are. */
export interface ScaledLength {
  readonly scale: tf.Tensor;
  readonly length: tf.Tensor;
}

/** Numbers up to it have squares in range, and so have sums of squares of very many. */
const large = 2 ** 40;

/** A tensor of one number for each entry of the leading axes, shaped so that it goes along all entries of `leaf`. */
const alongLeading = (values: tf.Tensor, leaf: tf.Tensor): tf.Tensor =>
  tf.reshape(values, [...values.shape, ...new Array<number>(leaf.rank - values.rank).fill(1)]);

/**
 * The length of all numbers of the tree together, or of those of each entry of the leading axis that leaves share: `leadingAxes` is 0 for
 * scalars, 1 for `[n]`. Numbers beyond 2^±40 are divided by the largest first. The gradient is 0 where the length is 0.
 */
export function scaledLength(values: TensorTree, leadingAxes: 0 | 1): ScaledLength {
  const leaves = tree.leaves(values);
  if (leaves.length === 0) return { scale: tf.scalar(1), length: tf.scalar(0) };
  const axesOf = (leaf: tf.Tensor): number[] => leaf.shape.map((_, axis) => axis).slice(leadingAxes);
  const reduced = (leaf: tf.Tensor, by: (x: tf.Tensor, axes: number[]) => tf.Tensor): tf.Tensor =>
    axesOf(leaf).length === 0 ? leaf : by(leaf, axesOf(leaf));
  const largest = leaves.map((leaf) => reduced(tf.abs(leaf), tf.max)).reduce((a, b) => tf.maximum(a, b));
  // 0 and infinity divide nothing: the bounds are normal numbers of float32.
  const size = tf.clipByValue(largest, 2 ** -120, 2 ** 127);
  const scale = tf.maximum(tf.div(size, large), tf.minimum(1, tf.mul(size, large)));
  const squares = leaves
    .map((leaf) => reduced(tf.square(tf.div(leaf, alongLeading(scale, leaf))), tf.sum))
    .reduce((total, square) => tf.add(total, square));
  const isZero = tf.equal(squares, 0);
  return { scale, length: tf.where(isZero, 0, tf.sqrt(tf.where(isZero, 1, squares))) };
}

/** `values`, of this length, shortened to `limit` at most along the same direction. */
export function shortenedTo<X extends TensorTree>(values: X, { scale, length }: ScaledLength, limit: number): X {
  const factor = tf.minimum(scale, tf.div(limit, length));
  return tree.map(
    (leaf) => tf.mul(tf.div(leaf, alongLeading(scale, leaf)), alongLeading(factor, leaf)),
    values as TensorTree,
  ) as X;
}
