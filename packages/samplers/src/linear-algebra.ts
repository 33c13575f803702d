/** Small dense matrices on the host, in float64. */
import { fail } from "@ergodic/tensor";

export type Matrix = readonly (readonly number[])[];

/** Lower triangular L with LLᵀ = matrix, or undefined when a pivot is not positive. */
export function choleskyFactor(matrix: Matrix): number[][] | undefined {
  const n = matrix.length;
  const factor = matrix.map(() => new Array<number>(n).fill(0));
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i]![j]!;
      for (let k = 0; k < j; k++) rest -= factor[i]![k]! * factor[j]![k]!;
      if (i === j && !(rest > 0)) return undefined;
      factor[i]![j] = i === j ? Math.sqrt(rest) : rest / factor[j]![j]!;
    }
  }
  return factor;
}

/** The inverse of a lower triangular matrix. */
export function lowerInverse(factor: Matrix): number[][] {
  const n = factor.length;
  const inverse = factor.map(() => new Array<number>(n).fill(0));
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let rest = i === j ? 1 : 0;
      for (let k = j; k < i; k++) rest -= factor[i]![k]! * inverse[k]![j]!;
      inverse[i]![j] = rest / factor[i]![i]!;
    }
  }
  return inverse;
}

/** @throws ValidationError unless `matrix` is square, symmetric and positive definite. */
export function assertPositiveDefinite(name: string, matrix: Matrix): void {
  const n = matrix.length;
  const ragged = matrix.findIndex((row) => row.length !== n);
  if (ragged >= 0) fail(`row ${ragged} of ${name} has ${matrix[ragged]!.length} entries`, `${n}, a square matrix`);
  matrix.forEach((row, i) =>
    row.forEach((value, j) => {
      if (!(Math.abs(value - matrix[j]![i]!) <= 1e-9 * (1 + Math.abs(value))))
        fail(`${name}[${i}][${j}] is ${value} and [${j}][${i}] is ${matrix[j]![i]}`, "a symmetric matrix");
    }),
  );
  if (choleskyFactor(matrix) === undefined) {
    fail(
      `${name} is not positive definite`,
      "a covariance matrix of full rank",
      "add a small multiple of the identity",
    );
  }
}
