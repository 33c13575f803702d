/** Matrices in triangular factors: on the host to make them, as tensors to invert them. */
import * as tf from "@tensorflow/tfjs-core";
import { fail } from "@ergodic/tensor";

type Matrix = readonly (readonly number[])[];

/** Up to this size the finite series of a unit triangular inverse has so few terms that nothing cancels. */
const seriesSize = 4;

/**
 * L⁻¹ of a unit lower triangular matrix `[n, n]`.
 *
 * Halves: [[A, 0], [B, C]]⁻¹ = [[A⁻¹, 0], [-C⁻¹ B A⁻¹, C⁻¹]], down to N = L - I with N⁴ = 0, where L⁻¹ = (I - N)(I + N²).
 */
export function unitLowerInverse(lower: tf.Tensor2D): tf.Tensor2D {
  const n = lower.shape[0];
  if (n <= seriesSize) {
    const unit = tf.eye(n);
    const below = tf.sub(lower, unit) as tf.Tensor2D;
    return tf.matMul(tf.sub(unit, below), tf.add(unit, tf.matMul(below, below)));
  }
  const half = Math.floor(n / 2);
  const rest = n - half;
  const first = unitLowerInverse(tf.slice2d(lower, [0, 0], [half, half]));
  const last = unitLowerInverse(tf.slice2d(lower, [half, half], [rest, rest]));
  const corner = tf.neg(tf.matMul(tf.matMul(last, tf.slice2d(lower, [half, 0], [rest, half])), first));
  return tf.concat2d(
    [tf.concat2d([first, tf.zeros([half, rest])], 1), tf.concat2d([corner as tf.Tensor2D, last], 1)],
    0,
  );
}

/** W = P L R: row `permutation[i]` of W is row i of L R, with L unit lower and R upper triangular, both in one matrix, L below the diagonal. */
export interface TriangularFactors {
  readonly permutation: readonly number[];
  readonly factors: Matrix;
}

/**
 * Gaussian elimination with the largest pivot of each column.
 *
 * @throws ValidationError for a matrix that is not square or is singular.
 */
export function triangularFactors(matrix: Matrix): TriangularFactors {
  const n = matrix.length;
  if (matrix.some((row) => row.length !== n)) fail(`a matrix of ${n} rows is not square`, "as many columns as rows");
  const work = matrix.map((row) => [...row]);
  const permutation = work.map((_, i) => i);
  for (let k = 0; k < n; k += 1) {
    let pivot = k;
    for (let i = k + 1; i < n; i += 1) if (Math.abs(work[i]![k]!) > Math.abs(work[pivot]![k]!)) pivot = i;
    [work[k], work[pivot]] = [work[pivot]!, work[k]!];
    [permutation[k], permutation[pivot]] = [permutation[pivot]!, permutation[k]!];
    const divisor = work[k]![k]!;
    if (divisor === 0 || !Number.isFinite(divisor)) fail("the matrix is singular", "an invertible one");
    for (let i = k + 1; i < n; i += 1) {
      const factor = (work[i]![k]! /= divisor);
      for (let j = k + 1; j < n; j += 1) work[i]![j]! -= factor * work[k]![j]!;
    }
  }
  return { permutation, factors: work };
}

/** Gram-Schmidt, twice over each row: rows of a square matrix made orthonormal. Gaussian rows give a uniformly distributed rotation or reflection. */
export function orthonormalRows(matrix: Matrix): number[][] {
  const rows: number[][] = [];
  for (const given of matrix) {
    const row = [...given];
    for (const other of [...rows, ...rows]) {
      const along = other.reduce((sum, value, j) => sum + value * row[j]!, 0);
      other.forEach((value, j) => (row[j]! -= along * value));
    }
    const length = Math.hypot(...row);
    rows.push(row.map((value) => value / length));
  }
  return rows;
}
