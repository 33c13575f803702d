/** Checks of matrices from files and from other programs. */
import { fail, ValidationError } from "@ergodic/tensor";

/** A host array of numbers. It is read-only by convention, and row-major when it holds a matrix. */
export type NumberArray = Float32Array | Float64Array;

/** @throws ValidationError when a value is NaN or infinite */
export function assertAllFinite(what: string, values: NumberArray): void {
  for (let i = 0; i < values.length; i++)
    if (!Number.isFinite(values[i]))
      throw new ValidationError(
        `${what} holds ${values[i]} at index ${i}, expected finite numbers; did the chain or the training diverge?`,
      );
}

/**
 * Entries across the diagonal may differ by this share of the largest entry, as in float32 files.
 */
const ASYMMETRY = 1e-5;

/** @throws ValidationError naming the first pair of entries that differ */
export function assertSymmetric(what: string, matrix: Float64Array, size: number): void {
  const most = ASYMMETRY * matrix.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  for (let i = 0; i < size; i++)
    for (let j = 0; j < i; j++)
      if (!(Math.abs(matrix[i * size + j]! - matrix[j * size + i]!) <= most))
        fail(
          `${what} is not symmetric at (${i}, ${j})`,
          "a symmetric matrix",
          "the numbers are damaged or were computed otherwise: compute them again",
        );
}
