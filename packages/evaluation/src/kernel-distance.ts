/**
 * Kernel distance (KID): maximum mean discrepancy with a cubic kernel, unbiased in the number of
 * examples.
 */
import { assertCount, assertPositiveInteger, fail, random, type Key } from "@ergodic/tensor";
import { assertAllFinite, type DenseMatrix, type NumberArray, type RowProduct } from "@ergodic/linear-algebra";
import { kernelSums, pairedKernelSums, type RowPairs } from "./kernel-sums.js";
import { rowCount } from "./numbers.js";
import { inDoubles, takeRows } from "./rows.js";

export type MmdEstimator = "unbiased" | "biased" | "u-statistic";

export interface KernelDistanceOptions {
  /** Chooses the subsets. */
  readonly key: Key;
  /** Default 100. */
  readonly subsets?: number;
  /** Examples of each set in a subset; default 1000. */
  readonly subsetSize?: number;
  /** Receives the amount of work done. */
  readonly onProgress?: (done: number, of: number) => void;
  /** Computes products of features, such as that of an engine. The score differs by rounding. */
  readonly product?: RowProduct | undefined;
}

export interface KernelDistance {
  /** Mean over subsets; slightly negative values are valid. Papers often report 1000 times it. */
  readonly value: number;
  /** Population standard deviation over subsets. */
  readonly sd: number;
  readonly subsets: number;
  readonly subsetSize: number;
}

/**
 * Mean over random subsets of the squared maximum mean discrepancy, see {@link squaredMmd}.
 *
 * Each subset is drawn without replacement, independently from either set. The cost is `4 subsets
 * subsetSize^2 d / 2` multiply-adds, half a minute at the default size, or `(n + m)^2 d / 2` if
 * that is less.
 * Source: Demystifying MMD GANs, arXiv 1801.01401.
 *
 * @param a features `[n, dimensions]`, row-major
 * @param b features `[m, dimensions]`, row-major
 * @throws ValidationError when a set is smaller than a subset, rows are incomplete, or numbers are
 *   not finite
 */
export function kernelDistance(
  a: NumberArray,
  b: NumberArray,
  dimensions: number,
  { key, subsets = 100, subsetSize = 1000, onProgress, product }: KernelDistanceOptions,
): KernelDistance {
  assertCount({ subsets }, 1_000_000);
  assertPositiveInteger({ subsetSize });
  const counts = [checked("the first features", a, dimensions), checked("the second features", b, dimensions)] as const;
  if (subsetSize > Math.min(...counts))
    fail(
      `subsetSize is ${subsetSize} with sets of ${counts[0]} and ${counts[1]} examples`,
      "subsets no larger than either set",
      "take more examples or a smaller subsetSize, and state it with the number",
    );
  const drawn = Array.from({ length: subsets }, (_, i): RowPairs => {
    const [left, right] = random.split(random.fold(key, i), 2) as [Key, Key];
    const subset = (count: number, part: Key) => random.host.permutation(part, count).slice(0, subsetSize).sort();
    return { left: subset(counts[0], left), right: subset(counts[1], right) };
  });
  const together = (counts[0] + counts[1]) ** 2 <= subsets * (2 * subsetSize) ** 2;
  const scores = together
    ? discrepancies(inDoubles(a, dimensions, product), inDoubles(b, dimensions, product), drawn, {
        estimator: "unbiased",
        onProgress,
        product,
      })
    : drawn.map(({ left, right }, i) => {
        onProgress?.(i, subsets);
        const [x, y] = [takeRows(a, dimensions, left), takeRows(b, dimensions, right)];
        return squaredMmd(x, y, dimensions, "unbiased", product);
      });
  const value = scores.reduce((sum, score) => sum + score, 0) / subsets;
  const sd = Math.sqrt(scores.reduce((sum, score) => sum + (score - value) ** 2, 0) / subsets);
  return { value, sd, subsets, subsetSize };
}

/**
 * Squared maximum mean discrepancy of equally many rows `x`, `y` under `k(x, y) = (x^T y / d +
 * 1)^3`.
 *
 * - "unbiased": `(sum_{i != j} k(x_i, x_j) + sum_{i != j} k(y_i, y_j)) / (m (m - 1)) - 2 sum_ij
 *   k(x_i, y_j) / m^2`
 * - "u-statistic" drops `i = j` from the cross sum too, and divides it by `m (m - 1)`.
 * - "biased" keeps all terms and divides by `m^2`.
 *
 * @param product computes products of rows, such as that of an engine
 * @throws ValidationError for different counts, or fewer than 2 rows
 */
export function squaredMmd(
  x: NumberArray,
  y: NumberArray,
  dimensions: number,
  estimator: MmdEstimator = "unbiased",
  product?: RowProduct,
): number {
  const counts = [checked("the first features", x, dimensions), checked("the second features", y, dimensions)] as const;
  if (counts[0] !== counts[1])
    fail(`there are ${counts[0]} and ${counts[1]} rows`, "equally many rows", "take subsets of one size");
  const all = Int32Array.from({ length: counts[0] }, (_, i) => i);
  const subset = { left: all, right: all };
  const [a, b] = [inDoubles(x, dimensions, product), inDoubles(y, dimensions, product)];
  return discrepancies(a, b, [subset], { estimator, product })[0]!;
}

/** The squared discrepancy of each subset of rows. All subsets have one size. */
function discrepancies(
  x: DenseMatrix,
  y: DenseMatrix,
  subsets: readonly RowPairs[],
  {
    estimator,
    onProgress,
    product,
  }: Pick<KernelDistanceOptions, "onProgress" | "product"> & { readonly estimator: MmdEstimator },
): number[] {
  const size = subsets[0]!.left.length;
  let done = 0;
  const onRows = (rows: number) => onProgress?.((done += rows), 2 * x.rows + y.rows);
  const means = (a: DenseMatrix, b: DenseMatrix, pairs: readonly RowPairs[], withoutDiagonal: boolean) => {
    const sums = Array.from(kernelSums(a, b, pairs, { onRows, product }));
    if (!withoutDiagonal) return sums.map((sum) => sum / size ** 2);
    return pairedKernelSums(a, b, pairs).map((paired, s) => (sums[s]! - paired) / (size * (size - 1)));
  };
  const lefts = subsets.map(({ left }) => ({ left, right: left }));
  const rights = subsets.map(({ right }) => ({ left: right, right }));
  const [xx, yy] = [means(x, x, lefts, estimator !== "biased"), means(y, y, rights, estimator !== "biased")];
  return means(x, y, subsets, estimator === "u-statistic").map((xy, s) => xx[s]! + yy[s]! - 2 * xy);
}

function checked(what: string, values: NumberArray, dimensions: number): number {
  const rows = rowCount(what, values, dimensions, 2);
  assertAllFinite(what, values);
  return rows;
}
