/** Euclidean lengths of trees of tensors whose squares may leave the range of float32. */
import * as tf from "@tensorflow/tfjs-core";
import { fewTensors, zipElementwise } from "./elementwise.js";
import { tree, type TensorTree } from "./tree.js";

/** ‖x‖ = scale · length. The scale is 1 where the numbers are of ordinary size. */
export interface ScaledLength {
  readonly scale: tf.Tensor;
  readonly length: tf.Tensor;
}

/** Numbers up to this size have squares in range, also summed over very many of them. */
const large = 2 ** 40;

/** Reshapes one number per entry of the leading axes so that it broadcasts over `leaf`. */
const alongLeading = (values: tf.Tensor, leaf: tf.Tensor): tf.Tensor =>
  tf.reshape(values, [...values.shape, ...new Array<number>(leaf.rank - values.rank).fill(1)]);

/**
 * The Euclidean length of a tree, without overflow or underflow.
 *
 * - Numbers beyond 2^±40 are divided by the largest before they are squared.
 * - The gradient is 0 where the length is 0.
 *
 * @param leadingAxes 0 for one length of all numbers together, a scalar; 1 for one length per entry
 *   of the leading axis that all leaves share, `[n]`.
 */
export function scaledLength(values: TensorTree, leadingAxes: 0 | 1): ScaledLength {
  const leaves = leadingAxes === 0 ? fewTensors(values) : tree.leaves(values);
  if (leaves.length === 0) return { scale: tf.scalar(1), length: tf.scalar(0) };
  if (leadingAxes === 1) return carefulLength(leaves, 1);
  // Programs compute the careful length only where the sum of squares is out of range.
  const squares = squaredLength(values);
  const [least, most] = [2 ** -80, 2 ** 100];
  const inRange = tf.logicalAnd(tf.greater(squares, least), tf.less(squares, most));
  const careful = carefulLength(leaves, 0);
  return {
    scale: tf.where(inRange, tf.onesLike(squares), careful.scale),
    // Clipping keeps the slope of the root finite where it is not used.
    length: tf.where(inRange, tf.sqrt(tf.clipByValue(squares, least, most)), careful.length),
  };
}

/** The sum of the squares of all numbers, a scalar: infinite from 3.4e38 on, and 0 without leaves. */
export function squaredLength(values: TensorTree): tf.Tensor {
  const leaves = fewTensors(values);
  return leaves.length === 0 ? tf.scalar(0) : sumOf(leaves, 0, tf.square);
}

const reduced = (leaf: tf.Tensor, leadingAxes: 0 | 1, by: (x: tf.Tensor, axes: number[]) => tf.Tensor): tf.Tensor => {
  const axes = leaf.shape.map((_, axis) => axis).slice(leadingAxes);
  return axes.length === 0 ? leaf : by(leaf, axes);
};

const sumOf = (leaves: readonly tf.Tensor[], leadingAxes: 0 | 1, of: (leaf: tf.Tensor) => tf.Tensor): tf.Tensor =>
  leaves.map((leaf) => reduced(of(leaf), leadingAxes, tf.sum)).reduce((total, part) => tf.add(total, part));

function carefulLength(leaves: readonly tf.Tensor[], leadingAxes: 0 | 1): ScaledLength {
  const largest = leaves.map((leaf) => reduced(tf.abs(leaf), leadingAxes, tf.max)).reduce((a, b) => tf.maximum(a, b));
  // The bounds are normal numbers of float32, so that nothing is divided by 0 or infinity.
  const size = tf.clipByValue(largest, 2 ** -120, 2 ** 127);
  const scale = tf.maximum(tf.div(size, large), tf.minimum(1, tf.mul(size, large)));
  const squares = sumOf(leaves, leadingAxes, (leaf) => tf.square(tf.div(leaf, alongLeading(scale, leaf))));
  const isZero = tf.equal(squares, 0);
  return { scale, length: tf.where(isZero, 0, tf.sqrt(tf.where(isZero, 1, squares))) };
}

/** Shortens `values` of this length to at most `limit`, along the same direction. */
export function shortenedTo<X extends TensorTree>(values: X, { scale, length }: ScaledLength, limit: number): X {
  const factor = tf.minimum(scale, tf.div(limit, length));
  const shortened = (leaf: tf.Tensor): tf.Tensor =>
    tf.mul(tf.div(leaf, alongLeading(scale, leaf)), alongLeading(factor, leaf));
  return (
    scale.rank === 0
      ? zipElementwise(shortened as (...tensors: tf.Tensor[]) => tf.Tensor, values as TensorTree)
      : tree.map(shortened, values as TensorTree)
  ) as X;
}
