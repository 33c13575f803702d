/** Kernel distance ("KID"): maximum mean discrepancy with a cubic kernel, unbiased in the number of examples. */
import { assertPositiveInteger, fail, random, type Key } from "@ergodic/tensor";
import { rowProducts, type DenseMatrix } from "./linear-algebra/row-products.js";
import { assertAllFinite, rowCount, type NumberArray } from "./numbers.js";
import { takeRows } from "./rows.js";

export type MmdEstimator = "unbiased" | "biased" | "u-statistic";

export interface KernelDistanceOptions {
  /** Chooses the subsets. */
  readonly key: Key;
  /** Default 100. */
  readonly subsets?: number;
  /** Examples of each set in a subset; default 1000. */
  readonly subsetSize?: number;
  readonly onProgress?: (done: number, of: number) => void;
}

export interface KernelDistance {
  /** Mean over subsets; slightly negative values are legal. Papers often give it times 1000. */
  readonly value: number;
  /** Population standard deviation over subsets. */
  readonly sd: number;
  readonly subsets: number;
  readonly subsetSize: number;
}

/**
 * Mean over random subsets of the squared maximum mean discrepancy, see {@link squaredMmd}. Each subset is drawn without
 * replacement, independently from either set. Source: Demystifying MMD GANs, arXiv 1801.01401.
 *
 * @param a features `[n, dimensions]` @param b features `[m, dimensions]`, row-major
 * @throws ValidationError when a set is smaller than a subset, rows are incomplete, or numbers are not finite
 */
export function kernelDistance(
  a: NumberArray,
  b: NumberArray,
  dimensions: number,
  { key, subsets = 100, subsetSize = 1000, onProgress }: KernelDistanceOptions,
): KernelDistance {
  assertPositiveInteger({ subsets, subsetSize });
  const counts = [checked("the first features", a, dimensions), checked("the second features", b, dimensions)] as const;
  if (subsetSize > Math.min(...counts))
    fail(
      `subsetSize is ${subsetSize} with sets of ${counts[0]} and ${counts[1]} examples`,
      "subsets no larger than either set",
      "take more examples or a smaller subsetSize, and state it with the number",
    );
  const scores = Array.from({ length: subsets }, (_, i) => {
    const [left, right] = random.split(random.fold(key, i), 2) as [Key, Key];
    const subset = (values: NumberArray, count: number, part: Key) =>
      takeRows(values, dimensions, random.host.permutation(part, count).subarray(0, subsetSize));
    const score = squaredMmd(subset(a, counts[0], left), subset(b, counts[1], right), dimensions);
    onProgress?.(i + 1, subsets);
    return score;
  });
  const value = scores.reduce((sum, score) => sum + score, 0) / subsets;
  const sd = Math.sqrt(scores.reduce((sum, score) => sum + (score - value) ** 2, 0) / subsets);
  return { value, sd, subsets, subsetSize };
}

/**
 * Squared maximum mean discrepancy of equally many rows `x`, `y` under `k(x, y) = (x^T y / d + 1)^3`:
 * `(sum_{i != j} k(x_i, x_j) + sum_{i != j} k(y_i, y_j)) / (m (m - 1)) - 2 sum_ij k(x_i, y_j) / m^2` ("unbiased").
 *
 * "u-statistic" drops `i = j` from the cross sum too and divides it by `m (m - 1)`; "biased" keeps all and divides by `m^2`.
 *
 * @throws ValidationError for different counts, or fewer than 2 rows
 */
export function squaredMmd(
  x: NumberArray,
  y: NumberArray,
  dimensions: number,
  estimator: MmdEstimator = "unbiased",
): number {
  const [left, right] = [matrixOf("the first features", x, dimensions), matrixOf("the second features", y, dimensions)];
  const size = left.rows;
  if (size !== right.rows || size < 2)
    fail(`there are ${size} and ${right.rows} rows`, "equally many rows, at least 2 each", "take subsets of one size");
  const pairs = size * (size - 1);
  const [within, across] = {
    unbiased: [pairs, size * size],
    biased: [size * size, size * size],
    "u-statistic": [pairs, pairs],
  }[estimator] as [number, number];
  const share = (a: DenseMatrix, b: DenseMatrix, divisor: number) => kernelSum(a, b, divisor === pairs) / divisor;
  return share(left, left, within) + share(right, right, within) - 2 * share(left, right, across);
}

function kernelSum(a: DenseMatrix, b: DenseMatrix, withoutDiagonal: boolean): number {
  const products = rowProducts(a, b).values;
  let sum = 0;
  for (let i = 0, at = 0; i < a.rows; i++)
    for (let j = 0; j < b.rows; j++, at++) if (!withoutDiagonal || i !== j) sum += (products[at]! / a.columns + 1) ** 3;
  return sum;
}

function checked(what: string, values: NumberArray, dimensions: number): number {
  const rows = rowCount(what, values, dimensions, 2);
  assertAllFinite(what, values);
  return rows;
}

const matrixOf = (what: string, values: NumberArray, dimensions: number): DenseMatrix => ({
  rows: checked(what, values, dimensions),
  columns: dimensions,
  values: Float64Array.from(values),
});
