/** Running means and (co)variances in float64, by Welford's updates. */
import type { Matrix } from "@ergodic/linear-algebra";

/**
 * `spread` holds Σ (x - mean)², `[d]`, or the lower triangle of Σ (x - mean)(x - mean)ᵀ, `[d, d]`.
 */
export interface Welford {
  count: number;
  readonly mean: Float64Array;
  readonly spread: Float64Array;
  readonly dense: boolean;
  /** Room for x - mean of a row. */
  readonly apart: Float64Array;
}

export const startWelford = (dimension: number, dense: boolean): Welford => ({
  count: 0,
  mean: new Float64Array(dimension),
  spread: new Float64Array(dense ? dimension * dimension : dimension),
  dense,
  apart: new Float64Array(dimension),
});

/** Adds the rows of `[n, d]` to `state`, which changes. */
export function observe(state: Welford, rows: ArrayLike<number>): void {
  const { mean, spread, dense, apart: before } = state;
  const d = mean.length;
  for (let start = 0; start < rows.length; start += d) {
    state.count += 1;
    for (let i = 0; i < d; i++) {
      before[i] = rows[start + i]! - mean[i]!;
      mean[i]! += before[i]! / state.count;
      const after = rows[start + i]! - mean[i]!;
      if (!dense) spread[i]! += before[i]! * after;
      else for (let j = 0; j <= i; j++) spread[i * d + j]! += before[j]! * after;
    }
  }
}

/** All rows that any of these saw. */
export function merged(states: readonly Welford[]): Welford {
  const [first, ...others] = states as [Welford, ...Welford[]];
  const all: Welford = { ...first, mean: first.mean.slice(), spread: first.spread.slice() };
  const d = all.mean.length;
  for (const { count, mean, spread } of others) {
    const total = all.count + count;
    const weight = (all.count * count) / total;
    const apart = mean.map((value, i) => value - all.mean[i]!);
    for (let i = 0; i < d; i++) {
      if (!all.dense) all.spread[i]! += spread[i]! + weight * apart[i]! ** 2;
      else for (let j = 0; j <= i; j++) all.spread[i * d + j]! += spread[i * d + j]! + weight * apart[i]! * apart[j]!;
    }
    for (let i = 0; i < d; i++) all.mean[i]! += (apart[i]! * count) / total;
    all.count = total;
  }
  return all;
}

/**
 * The variances `[d]`, shrunk towards 10⁻³ as in Stan: n/(n + 5) · variance + 10⁻³ · 5/(n + 5).
 *
 * In place of 10⁻³ it is 2·10⁻³ of the variance where that is less, so that small scales are not
 * lost in it.
 */
export const regularisedVariances = ({ count, spread, mean, dense }: Welford): number[] =>
  Array.from(mean, (_, i) => shrunk(spread[dense ? i * mean.length + i : i]! / (count - 1), count));

/**
 * The covariance `[d][d]`, shrunk towards 2·10⁻³ of the same variances with the correlations of the
 * mass before. Narrow directions that are no axes are so reached in a few windows, each of which
 * bounds the condition only beside what earlier ones found.
 *
 * @param before the covariance `[d][d]` that earlier draws gave. Default: no correlations.
 */
export function regularisedCovariance({ count, spread, mean }: Welford, before?: Matrix): number[][] {
  const d = mean.length;
  const sample = (i: number, j: number): number => spread[Math.max(i, j) * d + Math.min(i, j)]! / (count - 1);
  const scale = Array.from(mean, (_, i) => Math.sqrt((2e-3 * sample(i, i)) / (before?.[i]![i] ?? 1)));
  const entry = (i: number, j: number): number => {
    const correlated = before?.[i]![j] ?? Number(i === j);
    return (count * sample(i, j) + 5 * scale[i]! * scale[j]! * correlated) / (count + 5);
  };
  return Array.from({ length: d }, (_, i) => Array.from({ length: d }, (_, j) => entry(i, j)));
}

const shrunk = (variance: number, count: number): number =>
  (count / (count + 5)) * variance + (5 / (count + 5)) * Math.min(1e-3, 2e-3 * variance);
