/** Inverses of triangular matrices as tensors. */
import * as tf from "@tensorflow/tfjs-core";

/** Largest size inverted by the finite series. Its few terms do not cancel. */
const seriesSize = 4;

/** L⁻¹ of unit lower triangular matrices `[..., n, n]` with n <= 4: N = L - I has N⁴ = 0. */
function bySeries(lower: tf.Tensor): tf.Tensor {
  const unit = tf.eye(lower.shape.at(-1)!);
  const below = tf.sub(lower, unit);
  return tf.matMul(tf.sub(unit, below), tf.add(unit, tf.matMul(below, below)));
}

/** The matrix with `more` rows and columns of the identity at the end. */
function extended(lower: tf.Tensor2D, more: number): tf.Tensor2D {
  if (more === 0) return lower;
  const wide = tf.pad2d(lower, [[0, 0], [0, more]]); // prettier-ignore
  return tf.concat2d([wide, tf.pad2d(tf.eye(more), [[0, 0], [lower.shape[0], 0]])], 0); // prettier-ignore
}

/** `count` blocks `[count, size, size]` of a matrix: block i is at `place(i)` of its grid of blocks. */
function blocks(
  matrix: tf.Tensor2D,
  { size, count }: { size: number; count: number },
  place: (i: number) => readonly [row: number, column: number],
): tf.Tensor3D {
  const side = matrix.shape[0] / size;
  const grid = tf.transpose(tf.reshape(matrix, [side, size, side, size]), [0, 2, 1, 3]);
  const chosen = Int32Array.from({ length: count }, (_, i) => place(i)[0] * side + place(i)[1]);
  return tf.gather(tf.reshape(grid, [side * side, size, size]) as tf.Tensor3D, tf.tensor1d(chosen, "int32"));
}

/**
 * L⁻¹ of a unit lower triangular matrix `[n, n]`.
 *
 * The blocks on the diagonal are inverted together, at first those of at most 4 rows, where N = L - I
 * has N⁴ = 0 and L⁻¹ = (I - N)(I + N²). Then two neighbours make one of twice the size:
 * [[A, 0], [B, C]]⁻¹ = [[A⁻¹, 0], [-C⁻¹ B A⁻¹, C⁻¹]].
 */
export function unitLowerInverse(lower: tf.Tensor2D): tf.Tensor2D {
  const n = lower.shape[0];
  const doublings = Math.max(0, Math.ceil(Math.log2(n / seriesSize)));
  const smallest = Math.ceil(n / 2 ** doublings);
  const whole = smallest * 2 ** doublings;
  const matrix = extended(lower, whole - n);
  let inverse = bySeries(blocks(matrix, { size: smallest, count: whole / smallest }, (i) => [i, i]));
  for (let size = smallest; size < whole; size *= 2) {
    const count = whole / size / 2;
    const [first, last] = tf
      .split(tf.reshape(inverse, [count, 2, size, size]), 2, 1)
      .map((half) => tf.reshape(half, [count, size, size])) as [tf.Tensor3D, tf.Tensor3D];
    const below = blocks(matrix, { size, count }, (i) => [2 * i + 1, 2 * i]);
    const corner = tf.neg(tf.matMul(tf.matMul(last, below), first));
    const upper = tf.pad3d(first, [[0, 0], [0, 0], [0, size]]); // prettier-ignore
    inverse = tf.concat([upper, tf.concat([corner, last], 2)], 1);
  }
  return tf.slice2d(tf.reshape(inverse, [whole, whole]) as tf.Tensor2D, [0, 0], [n, n]);
}
