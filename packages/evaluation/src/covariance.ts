/**
 * Mean and unbiased covariance of the rows of a matrix, in float64.
 *
 * The covariance of 20,000 images of 784 pixels takes 6 billion multiply-adds. So there are two
 * orders of summation:
 * - Rows that are mostly one value per column, such as digits with their background, are summed
 *   over the other values only.
 * - All other rows go through a tiled product of the centred rows.
 */
import { assertAllFinite, type NumberArray, ScatterSum } from "@ergodic/linear-algebra";
import { rowCount } from "./numbers.js";

/** First two moments of `count` rows of `dimensions` numbers. */
export interface Moments {
  readonly count: number;
  readonly dimensions: number;
  /** `[dimensions]` */
  readonly mean: Float64Array;
  /** `[dimensions, dimensions]`, row-major and symmetric */
  readonly covariance: Float64Array;
}

/**
 * Below this share of values that differ from their column's minimum, the sparse order is faster.
 */
const SPARSE_BELOW = 0.4;

/**
 * Mean and unbiased covariance, as `numpy.cov(x, rowvar=False)`.
 *
 * `mean = sum_i x_i / n` and `covariance = sum_i (x_i - mean)(x_i - mean)^T / (n - 1)`.
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
      : denseScatter(values, count, dimensions, mean);
  divideAndMirror(covariance, dimensions, count - 1);
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
 * Upper triangle of `sum (x - mean)(x - mean)^T = sum (x - m)(x - m)^T - n (mean - m)(mean - m)^T`,
 * where `m` is the minimum.
 *
 * A minimum is a datum, so `(mean - m)^2 <= n * variance`. The subtraction loses at most a factor
 * `n`.
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

function denseScatter(values: NumberArray, count: number, dimensions: number, mean: Float64Array): Float64Array {
  const sum = new ScatterSum(dimensions, mean);
  sum.add(values, 0, count);
  return sum.upper();
}

/** Divides the upper triangle and mirrors it into the lower one. */
export function divideAndMirror(scatter: Float64Array, dimensions: number, divisor: number): void {
  for (let a = 0; a < dimensions; a++)
    for (let b = a; b < dimensions; b++) {
      const value = scatter[a * dimensions + b]! / divisor;
      scatter[a * dimensions + b] = value;
      scatter[b * dimensions + a] = value;
    }
}
