/**
 * Products `A B^T` of row-major matrices: the inner products of all rows of A with all rows of B.
 */
import { sharedZeros } from "@ergodic/tensor";
import type { DenseMatrix } from "./blocks.js";
import { addProducts, beginProducts } from "./products.js";

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
 * - Large products take all cores where Node has threads. The bits do not depend on it.
 *
 * @param a `[n, columns]`
 * @param b `[m, columns]`
 */
export function rowProducts(a: DenseMatrix, b: DenseMatrix): DenseMatrix {
  const left = readable(a);
  const right = a === b ? left : readable(b);
  const values = sharedZeros(a.rows * b.rows);
  addProducts(left, right, { values, at: 0, stride: b.rows }, a === b);
  if (a === b) mirror(values, a.rows);
  return { rows: a.rows, columns: b.rows, values: values.slice() };
}

/**
 * `A B^T`, `[a.rows, b.rows]`, by other means than {@link rowProducts}: other sums of the same
 * products, which differ by rounding. An engine may have one.
 */
export type RowProduct = (a: DenseMatrix, b: DenseMatrix) => DenseMatrix;

/** Rows of A whose products are in memory at a time. */
const ROWS_AT_ONCE = 256;
/** The same for a given product, for which more pay. */
const ROWS_GIVEN = 512;

export interface ProductsOfRows {
  /** The first of the rows of A. */
  readonly from: number;
  /** `[rows, b.rows]`; valid until the next are taken. The caller may overwrite them. */
  readonly products: DenseMatrix;
}

/**
 * The product `A B^T`, some rows at a time. Helping threads compute the next rows while the caller
 * reads these. It is fast for matrices of `sharedZeros`, which are not copied.
 *
 * For the symmetric `A A^T` only the triangle `j >= i` is valid.
 *
 * @param product computes the products; default: as {@link rowProducts}
 */
export function* productsByRows(
  a: DenseMatrix,
  b: DenseMatrix,
  product?: RowProduct,
): Generator<ProductsOfRows, void, void> {
  if (product !== undefined) return yield* givenProducts(a, b, product);
  const left = readable(a);
  const right = a === b ? left : readable(b);
  const size = Math.min(ROWS_AT_ONCE, a.rows) * b.rows;
  const buffers = [sharedZeros(size), sharedZeros(size)];
  const begin = (from: number) => {
    const rows = Math.min(ROWS_AT_ONCE, a.rows - from);
    const values = buffers[(from / ROWS_AT_ONCE) % 2]!.fill(0);
    const first = a === b ? from : 0;
    const target = { values, at: first, stride: b.rows };
    const finish = beginProducts(rowsOf(left, from, rows), rowsOf(right, first, b.rows - first), target, a === b);
    return () => {
      finish();
      return { from, products: { rows, columns: b.rows, values: values.subarray(0, rows * b.rows) } };
    };
  };
  let next = begin(0);
  for (let from = ROWS_AT_ONCE; from < a.rows; from += ROWS_AT_ONCE) {
    const current = next();
    next = begin(from);
    yield current;
  }
  yield next();
}

function* givenProducts(a: DenseMatrix, b: DenseMatrix, product: RowProduct): Generator<ProductsOfRows, void, void> {
  const room = new Float64Array(a === b ? Math.min(ROWS_GIVEN, a.rows) * b.rows : 0);
  for (let from = 0; from < a.rows; from += ROWS_GIVEN) {
    const rows = Math.min(ROWS_GIVEN, a.rows - from);
    if (a !== b) {
      yield { from, products: product(rowsOf(a, from, rows), b) };
      continue;
    }
    const { columns, values } = product(rowsOf(a, from, rows), rowsOf(a, from, a.rows - from));
    for (let i = 0; i < rows; i++) room.set(values.subarray(i * columns, (i + 1) * columns), i * a.rows + from);
    yield { from, products: { rows, columns: a.rows, values: room.subarray(0, rows * a.rows) } };
  }
}

/** The matrix in memory that helping threads can read. */
function readable({ rows, columns, values }: DenseMatrix): DenseMatrix {
  if (!(values.buffer instanceof ArrayBuffer)) return { rows, columns, values };
  const shared = sharedZeros(values.length);
  if (shared.buffer instanceof ArrayBuffer) return { rows, columns, values };
  shared.set(values);
  return { rows, columns, values: shared };
}

function mirror(values: Float64Array, size: number): void {
  for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) values[i * size + j] = values[j * size + i]!;
}
