/** Cholesky factors, inverses and determinants of small symmetric positive definite matrices. */
import { assertFinite, fail } from "@ergodic/tensor";
import type { Matrix } from "./matrix.js";

/** Entries across the diagonal may differ by this share of their size. */
const ASYMMETRY = 1e-9;

/**
 * Cholesky factorisation: the lower triangular L with A = L Lᵀ.
 *
 * @param name the name of the matrix in messages
 * @throws ValidationError unless the matrix is square, finite, symmetric and positive definite
 */
export function cholesky(name: string, matrix: Matrix): number[][] {
  assertSymmetricRows(name, matrix);
  const factor = zerosLike(matrix);
  for (let i = 0; i < matrix.length; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i]![j]!;
      for (let k = 0; k < j; k++) rest -= factor[i]![k]! * factor[j]![k]!;
      if (i === j && !(rest > 0))
        fail(
          `${name} is not positive definite`,
          "a symmetric matrix with positive eigenvalues",
          "add a small multiple of the identity",
        );
      factor[i]![j] = i === j ? Math.sqrt(rest) : rest / factor[j]![j]!;
    }
  }
  return factor;
}

/** The inverse L⁻¹ of a lower triangular matrix that has no zero on its diagonal. */
export function lowerInverse(lower: Matrix): number[][] {
  const n = lower.length;
  const inverse = zerosLike(lower);
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let rest = i === j ? 1 : 0;
      for (let k = j; k < i; k++) rest -= lower[i]![k]! * inverse[k]![j]!;
      inverse[i]![j] = rest / lower[i]![i]!;
    }
  }
  return inverse;
}

/**
 * Inverse and log determinant of a symmetric positive definite matrix.
 *
 * A⁻¹ = L⁻ᵀ L⁻¹ and log det A = 2 Σ log Lᵢᵢ.
 *
 * @throws ValidationError as {@link cholesky}
 */
export function positiveInverse(name: string, matrix: Matrix): { inverse: number[][]; logDeterminant: number } {
  const lower = cholesky(name, matrix);
  const half = lowerInverse(lower);
  const n = matrix.length;
  const inverse = zerosLike(matrix);
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = i; k < n; k++) sum += half[k]![i]! * half[k]![j]!;
      inverse[i]![j] = sum;
      inverse[j]![i] = sum;
    }
  return { inverse, logDeterminant: 2 * lower.reduce((sum, row, i) => sum + Math.log(row[i]!), 0) };
}

function assertSymmetricRows(name: string, matrix: Matrix): void {
  const n = matrix.length;
  if (n === 0 || matrix.some((row) => row.length !== n))
    fail(
      `${name} has rows of length ${matrix.map((row) => row.length).join(", ")}`,
      "a square matrix",
      "give n rows of n numbers",
    );
  matrix.forEach((row, i) =>
    row.forEach((value, j) => {
      assertFinite({ [`${name}[${i}][${j}]`]: value });
      if (j < i && Math.abs(value - matrix[j]![i]!) > ASYMMETRY * (1 + Math.abs(value)))
        fail(`${name} differs at [${i}][${j}] and [${j}][${i}]`, "a symmetric matrix", "use (A + transpose(A))/2");
    }),
  );
}

const zerosLike = (matrix: Matrix): number[][] => matrix.map(() => new Array<number>(matrix.length).fill(0));
