/**
 * Products `A B^T` of row-major matrices: the inner products of all rows of A with all rows of B.
 */
import { addPanelProducts } from "./panel-products.js";
import { DEPTH, paddedToTile } from "./tiles.js";

/** A row-major matrix of `rows` x `columns` numbers. */
export interface DenseMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
}

/** A view of `count` rows of a matrix from `from` on. */
export const rowsOf = ({ columns, values }: DenseMatrix, from: number, count: number): DenseMatrix => ({
  rows: count,
  columns,
  values: values.subarray(from * columns, (from + count) * columns),
});

/**
 * The product `A B^T`, `[a.rows, b.rows]`.
 *
 * - Parts of rows of A that are all zero cost nothing. Half of a triangular factor is such a part.
 * - Half of the symmetric `A A^T` is computed, and mirrored.
 *
 * @param a `[n, columns]`
 * @param b `[m, columns]`
 */
export function rowProducts(a: DenseMatrix, b: DenseMatrix): DenseMatrix {
  const [n, m] = [paddedToTile(a.rows), paddedToTile(b.rows)];
  const wide = new Float64Array(n * m);
  const left = new Float64Array(n * DEPTH);
  const right = new Float64Array(m * DEPTH);
  for (let from = 0; from < a.columns; from += DEPTH) {
    packColumns(a, from, left);
    packColumns(b, from, right);
    addPanelProducts(left, right, { values: wide, at: 0, stride: m }, a === b);
  }
  if (a === b) mirror(wide, n);
  return { rows: a.rows, columns: b.rows, values: cropped(wide, m, a.rows, b.rows) };
}

function mirror(values: Float64Array, size: number): void {
  for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) values[i * size + j] = values[j * size + i]!;
}

/**
 * The top left `rows` x `columns` of a matrix with `stride` numbers a row.
 *
 * The result is a view when the stride equals the columns.
 */
export function cropped(wide: Float64Array, stride: number, rows: number, columns: number): Float64Array {
  if (stride === columns) return wide.subarray(0, rows * columns);
  const out = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) out.set(wide.subarray(i * stride, i * stride + columns), i * columns);
  return out;
}

/**
 * Copies `DEPTH` columns from `from` on, with the numbers of a row side by side.
 *
 * Columns beyond the matrix are zeros.
 */
function packColumns({ rows, columns, values }: DenseMatrix, from: number, target: Float64Array): void {
  const width = Math.min(DEPTH, columns - from);
  if (width < DEPTH) target.fill(0);
  for (let i = 0; i < rows; i++) {
    const start = i * columns + from;
    target.set(values.subarray(start, start + width), i * DEPTH);
  }
}
