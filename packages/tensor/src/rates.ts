/** Shares of whole counts, without rounding errors that move them past a whole number. */

/**
 * `rate * count`, or the whole number that the product misses by rounding alone.
 *
 * - 0.29 of 100 is 29, not 28.999999999999996.
 * - A rate in [0, 1] counts as known to 4 units in the last place of 1. That covers a quotient
 *   `k / count` and a difference such as `1 - 0.71`.
 */
export function timesCount(rate: number, count: number): number {
  const product = rate * count;
  const whole = Math.round(product);
  return Math.abs(product - whole) <= 4 * Number.EPSILON * count ? whole : product;
}
