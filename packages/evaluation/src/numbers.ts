/** The array types the measures accept, and the checks they share. */
import { ValidationError } from "@ergodic/tensor";

/** A host array of numbers; read-only by convention, row-major where it holds a matrix. */
export type NumberArray = Float32Array | Float64Array;

/**
 * Number of rows of a row-major matrix that has `dimensions` columns.
 *
 * @throws ValidationError when `dimensions` is no positive integer, the rows are incomplete, or there are fewer than `least`.
 */
export function rowCount(what: string, values: NumberArray, dimensions: number, least: number): number {
  if (!Number.isInteger(dimensions) || dimensions < 1)
    throw new ValidationError(
      `dimensions of ${what} is ${dimensions}, expected a positive integer: pass the row length`,
    );
  const rows = values.length / dimensions;
  if (!Number.isInteger(rows))
    throw new ValidationError(
      `${what} holds ${values.length} numbers, which is no multiple of ${dimensions}; ` +
        `pass complete rows of ${dimensions} numbers each`,
    );
  if (rows < least)
    throw new ValidationError(`${what} has ${rows} rows, expected at least ${least}; pass more examples`);
  return rows;
}

/** @throws ValidationError when a value is NaN or infinite. */
export function assertAllFinite(what: string, values: NumberArray): void {
  for (let i = 0; i < values.length; i++)
    if (!Number.isFinite(values[i]))
      throw new ValidationError(
        `${what} holds ${values[i]} at index ${i}, expected finite numbers; did the chain or the training diverge?`,
      );
}

/** A view of row `index` of a row-major matrix. */
export function row(values: Float64Array, index: number, dimensions: number): Float64Array {
  return values.subarray(index * dimensions, (index + 1) * dimensions);
}

/** Inner product of two arrays of one length. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
