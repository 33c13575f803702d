/** Maximum mean discrepancy with Gaussian kernels, for points in few dimensions. */
import { assertPositive, fail } from "@ergodic/tensor";
import { assertAllFinite, type NumberArray } from "@ergodic/linear-algebra";
import { rowCount } from "./numbers.js";

/**
 * Unbiased squared maximum mean discrepancy under the mean of the kernels exp(-|x - y|²/(2b²)) over
 * `bandwidths` b:
 *
 *     mean_{i != j} k(a_i, a_j) + mean_{i != j} k(b_i, b_j) - 2 mean_{ij} k(a_i, b_j).
 *
 * Two sets of one law give values around 0, of either sign. The cost is quadratic in the number of
 * points. Gretton et al., "A Kernel Two-Sample Test" (2012), equation 3.
 *
 * @param a points `[n, dimensions]`, row-major
 * @param b points `[m, dimensions]`, row-major
 * @param bandwidths default 0.2, 0.5, 1 and 2
 * @throws ValidationError for fewer than 2 points, incomplete rows, numbers that are not finite, or
 *   a bandwidth that is not positive
 */
export function gaussianDiscrepancy(
  a: NumberArray,
  b: NumberArray,
  dimensions: number,
  bandwidths: readonly number[] = [0.2, 0.5, 1, 2],
): number {
  if (bandwidths.length === 0) fail("bandwidths is empty", "at least one");
  bandwidths.forEach((bandwidth, i) => assertPositive({ [`bandwidths[${i}]`]: bandwidth }));
  const rows = {
    a: rowCount("the first points", a, dimensions, 2),
    b: rowCount("the second points", b, dimensions, 2),
  };
  assertAllFinite("the first points", a);
  assertAllFinite("the second points", b);
  const rates = bandwidths.map((bandwidth) => 1 / (2 * bandwidth * bandwidth));
  const kernel = (x: NumberArray, i: number, y: NumberArray, j: number): number => {
    let squared = 0;
    for (let k = 0; k < dimensions; k++) squared += (x[i * dimensions + k]! - y[j * dimensions + k]!) ** 2;
    return rates.reduce((sum, rate) => sum + Math.exp(-squared * rate), 0) / rates.length;
  };
  const within = (x: NumberArray, n: number): number => {
    let sum = 0;
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) sum += kernel(x, i, x, j);
    return (2 * sum) / (n * (n - 1));
  };
  let across = 0;
  for (let i = 0; i < rows.a; i++) for (let j = 0; j < rows.b; j++) across += kernel(a, i, b, j);
  return within(a, rows.a) + within(b, rows.b) - (2 * across) / (rows.a * rows.b);
}
