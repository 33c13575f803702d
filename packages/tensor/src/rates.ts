/** Rates of whole counts, without the rounding that carries their products past a whole number. */

/**
 * `rate * count`; the whole number where the product misses one by rounding alone, so that 0.29 of 100 is 29 and not 28.999999999999996.
 *
 * A rate in [0, 1] is taken as known to 4 units in the last place of 1, which covers a quotient `k / count` and a difference such as `1 - 0.71`.
 */
export function timesCount(rate: number, count: number): number {
  const product = rate * count;
  const whole = Math.round(product);
  return Math.abs(product - whole) <= 4 * Number.EPSILON * count ? whole : product;
}
