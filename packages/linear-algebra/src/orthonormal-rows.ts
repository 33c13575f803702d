/** Orthonormal bases. */
import { dot, type Matrix } from "./matrix.js";

/**
 * Orthonormalises the rows of a square matrix, by Gram-Schmidt twice over each row.
 *
 * Rows of independent normal numbers give a uniformly distributed rotation or reflection.
 */
export function orthonormalRows(matrix: Matrix): number[][] {
  const rows: number[][] = [];
  for (const given of matrix) {
    const row = [...given];
    for (const other of [...rows, ...rows]) {
      const along = dot(other, row);
      other.forEach((value, j) => (row[j]! -= along * value));
    }
    const length = Math.hypot(...row);
    rows.push(row.map((value) => value / length));
  }
  return rows;
}
