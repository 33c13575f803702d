/**
 * Cholesky factorisation with diagonal pivoting: a symmetric positive semi-definite matrix as `R^T R` with as many rows as
 * its rank. Blocked, so that nearly all the work is products of packed rows.
 *
 * Source: N. J. Higham, "Analysis of the Cholesky decomposition of a semi-definite matrix" (1990); LAPACK's `dpstrf`.
 */
import type { DenseMatrix } from "./row-products.js";
import { addInnerProducts, DEPTH, paddedToTile, TILE } from "./tiles.js";

/** `A[order[i], order[j]] = sum_k R[k, i] R[k, j]`. */
export interface PivotedFactor {
  /** `[rank, dimensions]`, upper trapezoidal: its columns stand in pivot order. */
  readonly factor: DenseMatrix;
  /** Which row of the matrix each pivot is. */
  readonly order: Int32Array;
  /**
   * The largest number in size of `A - R^T R`: rounding for a semi-definite matrix. A negative eigenvalue -m leaves at least `m / dimensions`.
   */
  readonly rest: number;
}

/** Pivots below this share of the largest are rounding: the rank ends there. */
const SMALLEST_PIVOT = 1e-13;

/**
 * @param matrix `[dimensions, dimensions]`, symmetric; its lower triangle is not read
 * @param smallest pivots up to this are taken for rounding as well; default 0
 */
export function pivotedCholesky(matrix: Float64Array, dimensions: number, smallest = 0): PivotedFactor {
  const stride = paddedToTile(dimensions);
  const work = new Float64Array(stride * stride);
  for (let i = 0; i < dimensions; i++) work.set(matrix.subarray(i * dimensions, (i + 1) * dimensions), i * stride);
  const order = Int32Array.from({ length: dimensions }, (_, i) => i);
  const remaining = Float64Array.from({ length: dimensions }, (_, i) => work[i * stride + i]!);
  const least = remaining.reduce((most, value) => Math.max(most, SMALLEST_PIVOT * value), smallest);
  let rank = 0;
  for (; rank < dimensions; rank++) {
    const start = rank - (rank % DEPTH);
    const pivot = largestFrom(remaining, rank);
    if (!(remaining[pivot]! > least)) break;
    exchange(work, stride, dimensions, rank, pivot);
    [order[rank], order[pivot]] = [order[pivot]!, order[rank]!];
    [remaining[rank], remaining[pivot]] = [remaining[pivot]!, remaining[rank]!];
    factorRow(work, stride, dimensions, start, rank, remaining);
    if (rank + 1 === start + DEPTH) updateTrailing(work, stride, dimensions, start);
  }
  const values = new Float64Array(rank * dimensions);
  for (let k = 0; k < rank; k++) values.set(work.subarray(k * stride + k, k * stride + dimensions), k * dimensions + k);
  const rest = largestRest(work, stride, dimensions, rank, remaining);
  return { factor: { rows: rank, columns: dimensions, values }, order, rest };
}

/** The largest number in size of what `rank` finished rows leave of the matrix. */
function largestRest(work: Float64Array, stride: number, size: number, rank: number, remaining: Float64Array): number {
  const start = rank - (rank % DEPTH);
  let largest = 0;
  for (let i = rank; i < size; i++) {
    largest = Math.max(largest, Math.abs(remaining[i]!));
    for (let j = i + 1; j < size; j++) {
      let left = work[i * stride + j]!;
      for (let k = start; k < rank; k++) left -= work[k * stride + i]! * work[k * stride + j]!;
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

/** Exchanges rows and columns `k < p` of the symmetric matrix whose upper triangle is held, finished rows above included. */
function exchange(work: Float64Array, stride: number, size: number, k: number, p: number): void {
  if (k === p) return;
  const swap = (a: number, b: number): void => {
    [work[a], work[b]] = [work[b]!, work[a]!];
  };
  for (let i = 0; i < k; i++) swap(i * stride + k, i * stride + p);
  for (let i = k + 1; i < p; i++) swap(k * stride + i, i * stride + p);
  for (let j = p + 1; j < size; j++) swap(k * stride + j, p * stride + j);
  swap(k * stride + k, p * stride + p);
}

/** Row `k` of R from that of the matrix, which lacks the rows of R since `start`; `remaining` loses its squares. */
function factorRow(
  work: Float64Array,
  stride: number,
  size: number,
  start: number,
  k: number,
  remaining: Float64Array,
): void {
  const row = k * stride;
  const pivot = Math.sqrt(remaining[k]!);
  for (let i = start; i < k; i++) {
    const weight = work[i * stride + k]!;
    for (let j = k + 1, at = i * stride + k + 1; j < size; j++, at++) work[row + j]! -= weight * work[at]!;
  }
  work[row + k] = pivot;
  for (let j = k + 1; j < size; j++) {
    const value = work[row + j]! / pivot;
    work[row + j] = value;
    remaining[j]! -= value * value;
  }
}

/** Takes the block of rows of R from `start` on out of what is left of the matrix. */
function updateTrailing(work: Float64Array, stride: number, size: number, start: number): void {
  const end = start + DEPTH;
  const columns = new Float64Array((stride - end) * DEPTH);
  for (let k = 0; k < DEPTH; k++)
    for (let j = end; j < size; j++) columns[(j - end) * DEPTH + k] = work[(start + k) * stride + j]!;
  const negative = columns.map((value) => -value);
  for (let i = end; i < stride; i += TILE)
    for (let j = i; j < stride; j += TILE)
      addInnerProducts(negative, (i - end) * DEPTH, columns, (j - end) * DEPTH, work, i * stride + j, stride);
}
