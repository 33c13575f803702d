/** Mean and covariance of feature vectors that come in batches and are not kept. */
import { assertPositiveInteger, ValidationError } from "@ergodic/tensor";
import { assertAllFinite, type NumberArray, ScatterSum } from "@ergodic/linear-algebra";
import { divideAndMirror, type Moments } from "./covariance.js";
import { rowCount } from "./numbers.js";

export interface RunningMoments {
  readonly count: number;
  /**
   * Adds rows.
   *
   * @param features `[n, dimensions]` row-major, n >= 1
   * @throws ValidationError for incomplete rows or numbers that are not finite
   */
  add(features: NumberArray): void;
  /**
   * Moments of the rows added so far; more rows can be added afterwards.
   *
   * @throws ValidationError below 2 rows
   */
  moments(): Moments;
}

/**
 * Accumulates mean and unbiased covariance in float64.
 *
 * `mean = sum_i x_i / n`, `covariance = sum_i (x_i - mean)(x_i - mean)^T / (n - 1)`
 *
 * The memory is that of two `[dimensions, dimensions]` matrices for any number of rows. The mean
 * `s` of the first batch is subtracted from every row, so `sum (x - s)(x - s)^T - n (mean - s)(mean
 * - s)^T` loses no digits when the mean is large.
 */
export function runningMoments(dimensions: number): RunningMoments {
  assertPositiveInteger({ dimensions });
  const shift = new Float64Array(dimensions);
  const sums = new Float64Array(dimensions);
  const scatter = new ScatterSum(dimensions, shift);
  let count = 0;
  return {
    get count() {
      return count;
    },
    add(features) {
      const rows = rowCount("the features", features, dimensions, 1);
      assertAllFinite("the features", features);
      if (count === 0) shift.set(columnSums(features, dimensions).map((sum) => sum / rows));
      columnSums(features, dimensions).forEach((sum, j) => (sums[j]! += sum - rows * shift[j]!));
      scatter.add(features, 0, rows);
      count += rows;
    },
    moments() {
      if (count < 2)
        throw new ValidationError(`${count} feature vectors were added, expected at least 2; a covariance needs two`);
      const covariance = scatter.upper();
      for (let a = 0; a < dimensions; a++)
        for (let b = a; b < dimensions; b++) covariance[a * dimensions + b]! -= (sums[a]! * sums[b]!) / count;
      divideAndMirror(covariance, dimensions, count - 1);
      return { count, dimensions, mean: sums.map((sum, j) => shift[j]! + sum / count), covariance };
    },
  };
}

function columnSums(values: NumberArray, dimensions: number): Float64Array {
  const sums = new Float64Array(dimensions);
  for (let at = 0; at < values.length; at += dimensions)
    for (let j = 0; j < dimensions; j++) sums[j]! += values[at + j]!;
  return sums;
}
