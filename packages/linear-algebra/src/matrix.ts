/** Small matrices as rows of numbers, and their products. */

/** Rows of equal length. */
export type Matrix = readonly (readonly number[])[];

/** Inner product of two arrays of one length. */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** The matrix times a vector. */
export const multiply = (matrix: Matrix, x: readonly number[]): number[] => matrix.map((row) => dot(row, x));

/** A view of row `index` of a row-major matrix with `columns` columns. */
export function row(values: Float64Array, index: number, columns: number): Float64Array {
  return values.subarray(index * columns, (index + 1) * columns);
}
