/** Means, variances and quantiles in float64. */
import { assertInRange, fail, timesCount } from "@ergodic/tensor";

/** The mean, summed as differences from the first value: exact when all values are equal. */
export function mean(values: ArrayLike<number>): number {
  const first = values[0]!;
  let sum = 0;
  for (let i = 1; i < values.length; i++) sum += values[i]! - first;
  return first + sum / values.length;
}

/** The variance with divisor n - 1. */
export function variance(values: ArrayLike<number>): number {
  const centre = mean(values);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i]! - centre) ** 2;
  return sum / (values.length - 1);
}

/**
 * Type-7 quantile (R, NumPy) of values in ascending order: linear between the order statistics
 * around (n - 1)p.
 */
export function quantileOfSorted(sorted: Float64Array, p: number): number {
  const place = timesCount(p, sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  // Halves have a difference in range for all numbers.
  return 2 * (low / 2 + (place - below) * (high / 2 - low / 2));
}

/**
 * The quantile at probability p, type 7: the default of R and NumPy.
 *
 * @throws ValidationError for no values or p outside [0, 1].
 */
export function quantile(values: ArrayLike<number>, p: number): number {
  if (values.length === 0) fail("values is empty", "at least one number");
  assertInRange({ p }, { min: 0, max: 1 });
  return quantileOfSorted(Float64Array.from(values).sort(), p);
}
