/** Inverse and determinant of the small symmetric positive definite matrices that describe Gaussians, on the host in float64. */
import { assertFinite, fail } from "@ergodic/tensor";

export type Matrix = readonly (readonly number[])[];

export const multiply = (a: Matrix, x: readonly number[]): number[] =>
  a.map((row) => row.reduce((sum, value, j) => sum + value * x[j]!, 0));

export const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0);

/**
 * The lower Cholesky factor L with A = L Lᵀ.
 *
 * @throws ValidationError unless `matrix` is square, symmetric and positive definite; `name` is how the message calls it.
 */
export function cholesky(name: string, matrix: Matrix): number[][] {
  const n = matrix.length;
  if (n === 0 || matrix.some((row) => row.length !== n)) {
    fail(
      `${name} has rows of length ${matrix.map((row) => row.length).join(", ")}`,
      `a square matrix`,
      "give n rows of n numbers",
    );
  }
  const lower = matrix.map(() => new Array<number>(n).fill(0));
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const value = matrix[i]![j]!;
      assertFinite({ [`${name}[${i}][${j}]`]: value });
      if (Math.abs(value - matrix[j]![i]!) > 1e-9 * (1 + Math.abs(value))) {
        fail(`${name} differs at [${i}][${j}] and [${j}][${i}]`, "a symmetric matrix", "use (A + transpose(A))/2");
      }
      const rest = value - dot(lower[i]!.slice(0, j), lower[j]!);
      if (i === j && !(rest > 0)) {
        fail(`${name} is not positive definite`, "positive eigenvalues", "otherwise exp(-E) cannot be normalised");
      }
      lower[i]![j] = i === j ? Math.sqrt(rest) : rest / lower[j]![j]!;
    }
  }
  return lower;
}

/** Solves A x = b given the Cholesky factor of A. */
function solve(lower: Matrix, b: readonly number[]): number[] {
  const n = b.length;
  const y = new Array<number>(n).fill(0);
  for (let i = 0; i < n; i++) y[i] = (b[i]! - dot(lower[i]!.slice(0, i), y)) / lower[i]![i]!;
  for (let i = n - 1; i >= 0; i--) {
    let sum = y[i]!;
    for (let j = i + 1; j < n; j++) sum -= lower[j]![i]! * y[j]!;
    y[i] = sum / lower[i]![i]!;
  }
  return y;
}

/** Inverse and log determinant of a symmetric positive definite matrix. @throws ValidationError as {@link cholesky}. */
export function inverse(name: string, matrix: Matrix): { inverse: number[][]; logDeterminant: number } {
  const lower = cholesky(name, matrix);
  const columns = matrix.map((_, i) =>
    solve(
      lower,
      matrix.map((__, j) => (i === j ? 1 : 0)),
    ),
  );
  return { inverse: columns, logDeterminant: 2 * lower.reduce((sum, row, i) => sum + Math.log(row[i]!), 0) };
}
