/**
 * Cholesky factorisation with diagonal pivoting.
 *
 * A symmetric positive semi-definite matrix becomes `R^T R`, where R has as many rows as its rank.
 * The algorithm is blocked, so products of packed rows do nearly all the work.
 *
 * Source: N. J. Higham, "Analysis of the Cholesky decomposition of a semi-definite matrix" (1990);
 * LAPACK's `dpstrf`.
 */
import { sharedZeros } from "@ergodic/tensor";
import type { DenseMatrix } from "./blocks.js";
import { addProducts } from "./products.js";
import { DEPTH } from "./tiles.js";

/** `A[order[i], order[j]] = sum_k R[k, i] R[k, j]`. */
export interface PivotedFactor {
  /** `[rank, dimensions]`, upper trapezoidal; its columns are in pivot order. */
  readonly factor: DenseMatrix;
  /** The row of the matrix that each pivot is. */
  readonly order: Int32Array;
  /**
   * The largest absolute entry of `A - R^T R`, which is rounding error for a semi-definite matrix.
   * A negative eigenvalue -m leaves at least `m / dimensions`.
   */
  readonly rest: number;
}

/** Pivots below this share of the largest are rounding errors, and end the rank. */
const SMALLEST_PIVOT = 1e-13;

/**
 * Factorises a symmetric positive semi-definite matrix of any rank.
 *
 * @param matrix `[dimensions, dimensions]`, symmetric; its lower triangle is not read
 * @param smallest pivots up to this count as rounding errors too; default 0
 */
export function pivotedCholesky(matrix: Float64Array, dimensions: number, smallest = 0): PivotedFactor {
  const work = sharedZeros(dimensions * dimensions);
  work.set(matrix);
  const order = Int32Array.from({ length: dimensions }, (_, i) => i);
  const remaining = Float64Array.from({ length: dimensions }, (_, i) => work[i * dimensions + i]!);
  const least = remaining.reduce((most, value) => Math.max(most, SMALLEST_PIVOT * value), smallest);
  let rank = 0;
  for (; rank < dimensions; rank++) {
    const start = rank - (rank % DEPTH);
    const pivot = largestFrom(remaining, rank);
    if (!(remaining[pivot]! > least)) break;
    exchange(work, dimensions, rank, pivot);
    [order[rank], order[pivot]] = [order[pivot]!, order[rank]!];
    [remaining[rank], remaining[pivot]] = [remaining[pivot]!, remaining[rank]!];
    factorRow(work, dimensions, start, rank, remaining);
    if (rank + 1 === start + DEPTH) updateTrailing(work, dimensions, start);
  }
  const values = new Float64Array(rank * dimensions);
  for (let k = 0; k < rank; k++)
    values.set(work.subarray(k * dimensions + k, (k + 1) * dimensions), k * dimensions + k);
  const rest = largestRest(work, dimensions, rank, remaining);
  return { factor: { rows: rank, columns: dimensions, values }, order, rest };
}

/** The largest absolute entry of the matrix that remains after `rank` rows of R. */
function largestRest(work: Float64Array, size: number, rank: number, remaining: Float64Array): number {
  const start = rank - (rank % DEPTH);
  let largest = 0;
  for (let i = rank; i < size; i++) {
    largest = Math.max(largest, Math.abs(remaining[i]!));
    for (let j = i + 1; j < size; j++) {
      let left = work[i * size + j]!;
      for (let k = start; k < rank; k++) left -= work[k * size + i]! * work[k * size + j]!;
      largest = Math.max(largest, Math.abs(left));
    }
  }
  return largest;
}

function largestFrom(values: Float64Array, from: number): number {
  let best = from;
  for (let i = from + 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}

/**
 * Exchanges rows and columns `k < p` of a symmetric matrix.
 *
 * Only the upper triangle is stored. Finished rows above `k` are exchanged too.
 */
function exchange(work: Float64Array, size: number, k: number, p: number): void {
  if (k === p) return;
  const swap = (a: number, b: number): void => {
    [work[a], work[b]] = [work[b]!, work[a]!];
  };
  for (let i = 0; i < k; i++) swap(i * size + k, i * size + p);
  for (let i = k + 1; i < p; i++) swap(k * size + i, i * size + p);
  for (let j = p + 1; j < size; j++) swap(k * size + j, p * size + j);
  swap(k * size + k, p * size + p);
}

/**
 * Computes row `k` of R.
 *
 * It subtracts the rows of R since `start` from the row of the matrix. `remaining` decreases by the
 * squares of the new row.
 */
function factorRow(work: Float64Array, size: number, start: number, k: number, remaining: Float64Array): void {
  const row = k * size;
  const pivot = Math.sqrt(remaining[k]!);
  for (let i = start; i < k; i++) {
    const weight = work[i * size + k]!;
    for (let j = k + 1, at = i * size + k + 1; j < size; j++, at++) work[row + j]! -= weight * work[at]!;
  }
  work[row + k] = pivot;
  for (let j = k + 1; j < size; j++) {
    const value = work[row + j]! / pivot;
    work[row + j] = value;
    remaining[j]! -= value * value;
  }
}

/** Subtracts the rows of R from `start` on from the rest of the matrix, as one block. */
function updateTrailing(work: Float64Array, size: number, start: number): void {
  const end = start + DEPTH;
  const rows = size - end;
  const columns = sharedZeros(rows * DEPTH);
  for (let k = 0; k < DEPTH; k++)
    for (let j = end; j < size; j++) columns[(j - end) * DEPTH + k] = work[(start + k) * size + j]!;
  const negative = sharedZeros(rows * DEPTH);
  for (let at = 0; at < negative.length; at++) negative[at] = -columns[at]!;
  const matrix = (values: Float64Array): DenseMatrix => ({ rows, columns: DEPTH, values });
  addProducts(matrix(negative), matrix(columns), { values: work, at: end * size + end, stride: size }, true);
}
