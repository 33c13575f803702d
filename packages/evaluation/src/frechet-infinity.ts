/** The Fréchet distance extrapolated to an infinite number of generated examples. */
import { assertInRange, assertPositiveInteger, random, type Key } from "@ergodic/tensor";
import type { NumberArray } from "@ergodic/linear-algebra";
import { frechetDistance, gaussianStatistics, type GaussianStatistics } from "./frechet.js";
import { rowCount } from "./numbers.js";
import { takeRows } from "./rows.js";

export interface FrechetInfinityOptions {
  /** Chooses the subsets. */
  readonly key: Key;
  /** Size of the smallest subset; default 5,000, or a tenth of the examples if that is less. */
  readonly from?: number;
  /** Size of the largest subset; default all examples. */
  readonly to?: number;
  /** Number of sizes, evenly spaced; default 15. */
  readonly points?: number;
}

export interface FrechetInfinity {
  /**
   * Intercept of the line through the distances against `1/n`; can be slightly negative, as any
   * unbiased estimate.
   */
  readonly value: number;
  readonly slope: number;
  readonly points: readonly { readonly count: number; readonly distance: number }[];
}

/**
 * Extrapolates distances of random subsets of several sizes `n` to infinitely many examples.
 *
 * The value is the intercept of the least-squares line `value + slope / n`. The reference keeps its
 * own bias.
 * Source: Effectively Unbiased FID and Inception Score, arXiv 1911.07023.
 *
 * @param generated features `[n, dimensions]` row-major
 * @throws ValidationError for fewer than 2 sizes or points, or a size above the number of examples
 */
export function frechetInfinity(
  reference: GaussianStatistics,
  generated: NumberArray,
  { key, from, to, points = 15 }: FrechetInfinityOptions,
): FrechetInfinity {
  const { dimensions } = reference;
  const count = rowCount("the generated features", generated, dimensions, 4);
  const [smallest, largest] = [from ?? Math.max(2, Math.min(5000, Math.floor(count / 10))), to ?? count];
  assertPositiveInteger({ from: smallest, to: largest, points });
  assertInRange({ points }, { min: 2 });
  assertInRange({ to: largest }, { max: count }, `there are ${count} generated examples`);
  assertInRange({ from: smallest }, { min: 2, max: largest, maxOpen: true });
  const distances = Array.from({ length: points }, (_, i) => {
    const size = Math.round(smallest + ((largest - smallest) * i) / (points - 1));
    const chosen = random.host.permutation(random.fold(key, i), count).subarray(0, size);
    const distance = frechetDistance(
      reference,
      gaussianStatistics(takeRows(generated, dimensions, chosen), dimensions),
    );
    return { count: size, distance };
  });
  return { ...line(distances), points: distances };
}

function line(points: FrechetInfinity["points"]): { value: number; slope: number } {
  const mean = (of: (point: (typeof points)[number]) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [mean(({ count }) => 1 / count), mean(({ distance }) => distance)];
  const slope =
    mean(({ count, distance }) => (1 / count - x) * (distance - y)) / mean(({ count }) => (1 / count - x) ** 2);
  return { value: y - slope * x, slope };
}
