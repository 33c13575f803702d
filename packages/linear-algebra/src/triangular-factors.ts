/** LU factorisation of small square matrices. */
import { fail } from "@ergodic/tensor";
import type { Matrix } from "./matrix.js";

/**
 * W = P L R: row `permutation[i]` of W is row i of L R.
 *
 * One matrix holds both factors: the unit lower triangular L below the diagonal, and the upper
 * triangular R on and above it.
 */
export interface TriangularFactors {
  readonly permutation: readonly number[];
  readonly factors: Matrix;
}

/**
 * Gaussian elimination, with the largest entry of each column as pivot.
 *
 * @throws ValidationError for a matrix that is not square or is singular
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
