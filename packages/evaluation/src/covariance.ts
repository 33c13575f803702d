/**
 * Mean and unbiased covariance of the rows of a matrix, in float64.
 *
 * The covariance of 20,000 images of 784 pixels is 6 billion multiply-adds, so it has two summation orders: images of
 * digits are mostly background, and rows that are mostly one value per column are summed over the rest only; all
 * others go through a tiled product of the centred rows.
 */
import { assertAllFinite, rowCount, type NumberArray } from "./numbers.js";

/** First two moments of `count` rows of `dimensions` numbers. */
export interface Moments {
  readonly count: number;
  readonly dimensions: number;
  /** `[dimensions]` */
  readonly mean: Float64Array;
  /** `[dimensions, dimensions]`, row-major and symmetric */
  readonly covariance: Float64Array;
}

/** Below this share of values that differ from their column's minimum, the sparse order is the faster one. */
const SPARSE_BELOW = 0.4;

/**
 * `mean = sum_i x_i / n` and `covariance = sum_i (x_i - mean)(x_i - mean)^T / (n - 1)`, as `numpy.cov(x, rowvar=False)`.
 *
 * @param values rows, `[n, dimensions]` row-major
 * @throws ValidationError for incomplete rows, fewer than 2 rows, or numbers that are not finite
 */
export function covarianceOf(values: NumberArray, dimensions: number, what = "the data"): Moments {
  const count = rowCount(what, values, dimensions, 2);
  assertAllFinite(what, values);
  const { mean, minimum, dense } = columnSummary(values, count, dimensions);
  const covariance =
    dense < SPARSE_BELOW
      ? sparseScatter(values, count, dimensions, mean, minimum)
      : tiledScatter(values, count, dimensions, mean);
  finish(covariance, dimensions, count - 1);
  return { count, dimensions, mean, covariance };
}

function columnSummary(values: NumberArray, count: number, dimensions: number) {
  const mean = new Float64Array(dimensions);
  const minimum = new Float64Array(dimensions).fill(Infinity);
  for (let i = 0, at = 0; i < count; i++)
    for (let j = 0; j < dimensions; j++, at++) {
      const value = values[at]!;
      mean[j]! += value;
      if (value < minimum[j]!) minimum[j] = value;
    }
  for (let j = 0; j < dimensions; j++) mean[j]! /= count;
  let above = 0;
  for (let i = 0, at = 0; i < count; i++)
    for (let j = 0; j < dimensions; j++, at++) if (values[at]! > minimum[j]!) above++;
  return { mean, minimum, dense: above / values.length };
}

/**
 * Upper triangle of `sum (x - mean)(x - mean)^T = sum (x - m)(x - m)^T - n (mean - m)(mean - m)^T`, `m` the minimum.
 * A minimum is itself a datum, so `(mean - m)^2 <= n * variance` and the subtraction loses at most a factor `n`.
 */
function sparseScatter(
  values: NumberArray,
  count: number,
  dimensions: number,
  mean: Float64Array,
  minimum: Float64Array,
): Float64Array {
  const scatter = new Float64Array(dimensions * dimensions);
  const columns = new Int32Array(dimensions);
  const offsets = new Float64Array(dimensions);
  for (let i = 0, at = 0; i < count; i++) {
    let used = 0;
    for (let j = 0; j < dimensions; j++, at++) {
      const offset = values[at]! - minimum[j]!;
      if (offset === 0) continue;
      columns[used] = j;
      offsets[used++] = offset;
    }
    for (let a = 0; a < used; a++) {
      const base = columns[a]! * dimensions;
      const offset = offsets[a]!;
      for (let b = a; b < used; b++) scatter[base + columns[b]!]! += offset * offsets[b]!;
    }
  }
  for (let a = 0; a < dimensions; a++)
    for (let b = a; b < dimensions; b++)
      scatter[a * dimensions + b]! -= count * (mean[a]! - minimum[a]!) * (mean[b]! - minimum[b]!);
  return scatter;
}

const ROWS = 64;
const TILE = 4;

/** Upper triangle of `sum (x - mean)(x - mean)^T`, in blocks of 64 rows and tiles of 4 x 4 columns kept in registers. */
function tiledScatter(values: NumberArray, count: number, dimensions: number, mean: Float64Array): Float64Array {
  const padded = Math.ceil(dimensions / TILE) * TILE;
  const wide = new Float64Array(padded * padded);
  const block = new Float64Array(padded * ROWS);
  for (let start = 0; start < count; start += ROWS) {
    const rows = Math.min(ROWS, count - start);
    if (rows < ROWS) block.fill(0);
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < dimensions; j++) block[j * ROWS + i] = values[(start + i) * dimensions + j]! - mean[j]!;
    for (let a = 0; a < padded; a += TILE)
      for (let b = a; b < padded; b += TILE) addTile(block, a * ROWS, b * ROWS, wide, a * padded + b, padded);
  }
  if (padded === dimensions) return wide;
  const scatter = new Float64Array(dimensions * dimensions);
  for (let a = 0; a < dimensions; a++) scatter.set(wide.subarray(a * padded, a * padded + dimensions), a * dimensions);
  return scatter;
}

/** `target[a + i, b + j] += <block column a + i, block column b + j>` for `i, j` in 0..3; columns are contiguous. */
function addTile(block: Float64Array, a: number, b: number, target: Float64Array, at: number, stride: number): void {
  let s00 = 0,
    s01 = 0,
    s02 = 0,
    s03 = 0;
  let s10 = 0,
    s11 = 0,
    s12 = 0,
    s13 = 0;
  let s20 = 0,
    s21 = 0,
    s22 = 0,
    s23 = 0;
  let s30 = 0,
    s31 = 0,
    s32 = 0,
    s33 = 0;
  for (let k = 0; k < ROWS; k++) {
    const x0 = block[a + k]!,
      x1 = block[a + k + ROWS]!,
      x2 = block[a + k + 2 * ROWS]!,
      x3 = block[a + k + 3 * ROWS]!;
    const y0 = block[b + k]!,
      y1 = block[b + k + ROWS]!,
      y2 = block[b + k + 2 * ROWS]!,
      y3 = block[b + k + 3 * ROWS]!;
    s00 += x0 * y0;
    s01 += x0 * y1;
    s02 += x0 * y2;
    s03 += x0 * y3;
    s10 += x1 * y0;
    s11 += x1 * y1;
    s12 += x1 * y2;
    s13 += x1 * y3;
    s20 += x2 * y0;
    s21 += x2 * y1;
    s22 += x2 * y2;
    s23 += x2 * y3;
    s30 += x3 * y0;
    s31 += x3 * y1;
    s32 += x3 * y2;
    s33 += x3 * y3;
  }
  target[at]! += s00;
  target[at + 1]! += s01;
  target[at + 2]! += s02;
  target[at + 3]! += s03;
  at += stride;
  target[at]! += s10;
  target[at + 1]! += s11;
  target[at + 2]! += s12;
  target[at + 3]! += s13;
  at += stride;
  target[at]! += s20;
  target[at + 1]! += s21;
  target[at + 2]! += s22;
  target[at + 3]! += s23;
  at += stride;
  target[at]! += s30;
  target[at + 1]! += s31;
  target[at + 2]! += s32;
  target[at + 3]! += s33;
}

/** Divides the upper triangle and mirrors it into the lower one. */
function finish(scatter: Float64Array, dimensions: number, divisor: number): void {
  for (let a = 0; a < dimensions; a++)
    for (let b = a; b < dimensions; b++) {
      const value = scatter[a * dimensions + b]! / divisor;
      scatter[a * dimensions + b] = value;
      scatter[b * dimensions + a] = value;
    }
}
