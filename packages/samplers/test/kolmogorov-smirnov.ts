/** The Kolmogorov-Smirnov test for normal draws. */

/** Φ(x), by Abramowitz and Stegun 7.1.26 to 1.5e-7. */
export function normalCdf(x: number): number {
  const t = 1 / (1 + (0.3275911 * Math.abs(x)) / Math.SQRT2);
  const poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const erf = 1 - poly * Math.exp((-x * x) / 2);
  return x < 0 ? (1 - erf) / 2 : (1 + erf) / 2;
}

/** The probability of a larger distance for n draws, by its asymptotic series. */
export function tailOf(distance: number, n: number): number {
  const lambda = (Math.sqrt(n) + 0.12 + 0.11 / Math.sqrt(n)) * distance;
  let sum = 0;
  for (let k = 1; k <= 100; k++) sum += 2 * (-1) ** (k - 1) * Math.exp(-2 * k * k * lambda * lambda);
  return Math.min(1, Math.max(0, sum));
}

/** The p-value of values as draws of N(0, sd²). */
export function ksProbability(values: readonly number[], sd: number): number {
  const n = values.length;
  const sorted = [...values].sort((a, b) => a - b);
  const distance = sorted.reduce((worst, x, i) => {
    const cdf = normalCdf(x / sd);
    return Math.max(worst, cdf - i / n, (i + 1) / n - cdf);
  }, 0);
  return tailOf(distance, n);
}
