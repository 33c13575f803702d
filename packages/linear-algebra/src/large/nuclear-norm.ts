/**
 * Sums of singular values by bidiagonalisation.
 *
 * No vectors are computed and nothing is squared, so small values keep their digits.
 */
import type { DenseMatrix } from "./blocks.js";
import { tridiagonalEigenvalues } from "./tridiagonal.js";

/**
 * The nuclear norm of a matrix: `sum_i s_i` over its singular values.
 *
 * Each value is exact to about `1e-15` of the largest. Householder reflections from both sides make
 * the matrix bidiagonal. A symmetric tridiagonal matrix with zero diagonal and the two diagonals
 * interleaved beside it has the eigenvalues `+s_i` and `-s_i`.
 *
 * Source: G. Golub, W. Kahan, "Calculating the singular values and pseudo-inverse of a matrix"
 * (1965).
 */
export function nuclearNorm(matrix: DenseMatrix): number {
  const tall = standing(matrix);
  const size = tall.columns;
  if (size === 0) return 0;
  const beside = bidiagonalise(tall);
  const eigenvalues = tridiagonalEigenvalues(new Float64Array(2 * size), beside);
  return eigenvalues.reduce((sum, value) => sum + Math.abs(value), 0) / 2;
}

/** Rows that are processed at a time. */
const GROUP = 4;

/**
 * A copy with at least as many rows as columns.
 *
 * Zeros follow it, because the last group of rows reads beyond its end.
 */
function standing({ rows, columns, values }: DenseMatrix): DenseMatrix {
  const [tall, wide] = rows >= columns ? [rows, columns] : [columns, rows];
  const out = new Float64Array((tall + GROUP - 1) * wide);
  if (rows >= columns) out.set(values);
  else for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = values[i * columns + j]!;
  return { rows: tall, columns: wide, values: out };
}

/**
 * The diagonal and the upper diagonal, interleaved `d0 e0 d1 e1 ... dn`. The matrix is overwritten.
 *
 * The reflection of a column `a` needs `A^T a`. The preceding step sums it while it updates the
 * rows, so each step reads the matrix once.
 */
function bidiagonalise(matrix: DenseMatrix): Float64Array {
  const { columns, values } = matrix;
  const out = new Float64Array(2 * columns - 1);
  const left = new Float64Array(columns);
  const right = new Float64Array(columns);
  let summed = new Float64Array(columns);
  finishRows(matrix, 0, left, right, 0, summed);
  for (let k = 0; k < columns; k++) {
    const row = k * columns;
    const corner = values[row + k]!;
    const column = reflection(Math.sqrt(Math.max(0, summed[k]!)), corner);
    out[2 * k] = column.end;
    if (k + 1 === columns) break;
    let squares = 0;
    for (let j = k + 1; j < columns; j++) {
      left[j] = column.scale * (summed[j]! + column.norm * values[row + j]!);
      right[j] = values[row + j]! - (corner + column.norm) * left[j]!;
      squares += right[j]! * right[j]!;
    }
    const along = reflection(Math.sqrt(squares), right[k + 1]!);
    out[2 * k + 1] = along.end;
    right[k + 1]! += along.norm;
    summed = new Float64Array(columns);
    finishRows(matrix, k + 1, left, right, along.scale, summed);
  }
  return out;
}

/**
 * The reflection by `v = a + norm e`, where `norm` is `|a|` with the sign of the first entry.
 *
 * @returns that norm, the first entry of the reflected `a`, and `2 / |v|^2`
 */
function reflection(length: number, first: number): { norm: number; end: number; scale: number } {
  if (length === 0) return { norm: 0, end: 0, scale: 0 };
  const norm = first >= 0 ? length : -length;
  return { norm, end: -norm, scale: 1 / (length * (length + Math.abs(first))) };
}

/**
 * Updates rows and columns from `first` on, four rows at a time.
 *
 * 1. `A -= v left^T` for the column `v` before `first`.
 * 2. `A -= scale (A right) right^T`.
 * 3. `summed += A^T a` for the next column `a`.
 */
function finishRows(
  { values, columns, rows }: DenseMatrix,
  first: number,
  left: Float64Array,
  right: Float64Array,
  scale: number,
  summed: Float64Array,
): void {
  let shared = 0;
  for (let j = first; j < columns; j++) shared += left[j]! * right[j]!;
  // The first column has none before it. `left` is zero then, so nothing is subtracted.
  const before = Math.max(first - 1, 0);
  for (let i = first; i < rows; i += GROUP) {
    const a = i * columns;
    const b = a + columns;
    const c = b + columns;
    const d = c + columns;
    const [va, vb, vc, vd] = [values[a + before]!, values[b + before]!, values[c + before]!, values[d + before]!];
    let [da, db, dc, dd] = [-va * shared, -vb * shared, -vc * shared, -vd * shared];
    for (let j = first; j < columns; j++) {
      const r = right[j]!;
      da += values[a + j]! * r;
      db += values[b + j]! * r;
      dc += values[c + j]! * r;
      dd += values[d + j]! * r;
    }
    da *= scale;
    db *= scale;
    dc *= scale;
    dd *= scale;
    const [l0, r0] = [left[first]!, right[first]!];
    const na = values[a + first]! - va * l0 - da * r0;
    const nb = values[b + first]! - vb * l0 - db * r0;
    const nc = values[c + first]! - vc * l0 - dc * r0;
    const nd = values[d + first]! - vd * l0 - dd * r0;
    for (let j = first; j < columns; j++) {
      const l = left[j]!;
      const r = right[j]!;
      const xa = values[a + j]! - va * l - da * r;
      const xb = values[b + j]! - vb * l - db * r;
      const xc = values[c + j]! - vc * l - dc * r;
      const xd = values[d + j]! - vd * l - dd * r;
      values[a + j] = xa;
      values[b + j] = xb;
      values[c + j] = xc;
      values[d + j] = xd;
      summed[j]! += na * xa + nb * xb + nc * xc + nd * xd;
    }
  }
}
