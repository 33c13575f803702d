/** Rows of feature matrices. */
import { ValidationError } from "@ergodic/tensor";
import type { NumberArray } from "@ergodic/linear-algebra";

/**
 * Number of rows of a row-major matrix with `dimensions` columns.
 *
 * @throws ValidationError when `dimensions` is no positive integer, the rows are incomplete, or
 *   there are fewer than `least`
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
