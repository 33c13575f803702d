/** Running means and (co)variances in float64, by Welford's updates. */

/**
 * `spread` holds Σ (x - mean)², `[d]`, or the lower triangle of Σ (x - mean)(x - mean)ᵀ, `[d, d]`.
 */
export interface Welford {
  count: number;
  readonly mean: Float64Array;
  readonly spread: Float64Array;
  readonly dense: boolean;
}

export const startWelford = (dimension: number, dense: boolean): Welford => ({
  count: 0,
  mean: new Float64Array(dimension),
  spread: new Float64Array(dense ? dimension * dimension : dimension),
  dense,
});

/** Adds the rows of `[n, d]` to `state`, which changes. */
export function observe(state: Welford, rows: ArrayLike<number>): void {
  const { mean, spread, dense } = state;
  const d = mean.length;
  const before = new Float64Array(d);
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

/** The variances `[d]`, shrunk towards 10⁻³ as in Stan: n/(n + 5) · variance + 10⁻³ · 5/(n + 5). */
export const regularisedVariances = ({ count, spread }: Welford): number[] =>
  Array.from(spread, (sum) => shrunk(sum / (count - 1), count, 1));

/** The covariance `[d][d]`, shrunk likewise towards 10⁻³ times the identity. */
export function regularisedCovariance({ count, spread, mean }: Welford): number[][] {
  const d = mean.length;
  const entry = (i: number, j: number): number => spread[Math.max(i, j) * d + Math.min(i, j)]! / (count - 1);
  return Array.from({ length: d }, (_, i) =>
    Array.from({ length: d }, (_, j) => shrunk(entry(i, j), count, i === j ? 1 : 0)),
  );
}

const shrunk = (value: number, count: number, towards: number): number =>
  (count / (count + 5)) * value + 1e-3 * (5 / (count + 5)) * towards;
