/**
 * Arithmetic over trees whose leaves have the chains on their first axis, with one number or
 * decision for each chain.
 */
import * as tf from "@tensorflow/tfjs-core";
import { tree, type TensorTree } from "@ergodic/tensor";

/** A vector `[chains]` as `[chains, 1, ...]`, which broadcasts over the rows of `leaf`. */
export const alongRows = (vector: tf.Tensor, leaf: tf.Tensor): tf.Tensor =>
  leaf.rank === 1 ? vector : tf.reshape(vector, [vector.size, ...new Array<number>(leaf.rank - 1).fill(1)]);

/**
 * Rows of `yes` where `mask`, `[chains]` of booleans, is true, and rows of `no` elsewhere. NaN in
 * the other tree has no effect.
 */
export const selectRows = <X extends TensorTree>(mask: tf.Tensor, yes: X, no: X): X =>
  tree.zip((a, b) => tf.where(alongRows(mask, a), a, b), yes as TensorTree, no) as X;

/** Σ a·b over everything but the chains, `[chains]`. */
export function innerPerChain(a: TensorTree, b: TensorTree): tf.Tensor1D {
  const others = tree.leaves(b);
  const products = tree.leaves(a).map((leaf, i) => {
    const product = tf.mul(leaf, others[i]!);
    const axes = product.shape.map((_, axis) => axis).slice(1);
    return axes.length === 0 ? product : tf.sum(product, axes);
  });
  return products.reduce((total, product) => tf.add(total, product)) as tf.Tensor1D;
}

/** factor · leaf; the factor is a scalar, or `[chains]` with one number for each row. */
export const scaledRows = (factor: tf.Tensor, leaf: tf.Tensor): tf.Tensor =>
  tf.mul(factor.rank === 0 ? factor : alongRows(factor, leaf), leaf);

/** x + factor · y, leaf by leaf; the factor is a scalar or one number per chain. */
export const addScaled = <X extends TensorTree>(x: X, factor: tf.Tensor, y: TensorTree): X =>
  tree.zip((a, b) => tf.add(a, scaledRows(factor, b)), x as TensorTree, y) as X;

/** The leaves of a position, `[chains, ...]` each, side by side as one matrix `[chains, d]`. */
export function toMatrix(position: TensorTree): tf.Tensor2D {
  const flat = tree.leaves(position).map((leaf) => tf.reshape<tf.Rank.R2>(leaf, [leaf.shape[0]!, sizeOfRow(leaf)]));
  return flat.length === 1 ? flat[0]! : tf.concat(flat, 1);
}

/**
 * The tree like `like` whose rows are those of `matrix`, of any number; undoes {@link toMatrix}.
 */
export function fromMatrix<X extends TensorTree>(matrix: tf.Tensor2D, like: X): X {
  let start = 0;
  return tree.map((leaf) => {
    const size = sizeOfRow(leaf);
    const part = size === matrix.shape[1] ? matrix : tf.slice2d(matrix, [0, start], [-1, size]);
    start += size;
    return tf.reshape(part, [matrix.shape[0], ...leaf.shape.slice(1)]);
  }, like as TensorTree) as X;
}

/**
 * {@link fromMatrix} of numbers on the host, with the leading axes `lead`. Nothing is copied where
 * `like` is one tensor.
 */
export function fromNumbers<X extends TensorTree>(values: Float32Array, lead: readonly number[], like: X): X {
  const rows = lead.reduce((product, n) => product * n, 1);
  const size = values.length / rows;
  let start = 0;
  return tree.map((leaf) => {
    const width = sizeOfRow(leaf);
    const shape = [...lead, ...leaf.shape.slice(1)];
    const from = start;
    start += width;
    if (width === size) return tf.tensor(values, shape);
    const part = new Float32Array(rows * width);
    for (let row = 0; row < rows; row++)
      part.set(values.subarray(row * size + from, row * size + from + width), row * width);
    return tf.tensor(part, shape);
  }, like as TensorTree) as X;
}

/** The numbers of a leaf that belong to one chain. */
export const sizeOfRow = (leaf: tf.Tensor): number => leaf.shape.slice(1).reduce((product, n) => product * n, 1);
