/**
 * Quantiles for tables of measurements. Medians are used because a shared machine slows single
 * samples.
 */

/** The p-quantile, 0 <= p <= 1, linear between neighbours. NaN for no samples. */
export function quantile(samples: readonly number[], p: number): number {
  if (samples.length === 0) return NaN;
  const sorted = [...samples].sort((a, b) => a - b);
  const position = p * (sorted.length - 1);
  const low = sorted[Math.floor(position)]!;
  const high = sorted[Math.ceil(position)]!;
  return low === high ? low : low + (high - low) * (position - Math.floor(position));
}

/** The median: the middle sample, or the mean of the middle two. NaN for no samples. */
export const median = (samples: readonly number[]): number => quantile(samples, 0.5);
