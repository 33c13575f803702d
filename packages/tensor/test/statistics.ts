/**
 * Statistical tests for the tests of this package.
 *
 * Every bound has a false-alarm rate of 1e-6 per assertion. Keys are fixed, so a test that passes
 * once passes always. The rate is the probability that another key would have failed.
 */

/** Two-sided 1e-6 quantile of the standard normal distribution. */
export const sixSigma = 4.8916;

/**
 * Upper 1e-6 quantile of the chi-square distribution.
 *
 * Wilson and Hilferty (1931), accurate to 1 % from 3 degrees of freedom on.
 */
export function chiSquareBound(degrees: number): number {
  const z = 4.7534;
  return degrees * (1 - 2 / (9 * degrees) + z * Math.sqrt(2 / (9 * degrees))) ** 3;
}

/** Σ (observed - expected)² / expected. */
export function chiSquare(observed: ArrayLike<number>, expected: (cell: number) => number): number {
  return Array.from(observed).reduce((sum, count, cell) => sum + (count - expected(cell)) ** 2 / expected(cell), 0);
}

/** How often each of the values 0 .. cells-1 occurs. */
export function counts(values: ArrayLike<number>, cells: number): number[] {
  const found = new Array<number>(cells).fill(0);
  for (const value of Array.from(values)) found[value] = (found[value] ?? 0) + 1;
  return found;
}

/** √n times the largest distance between the empirical distribution and `cdf` (Kolmogorov). */
export function kolmogorov(values: Float32Array, cdf: (x: number) => number): number {
  const sorted = values.slice().sort();
  const n = sorted.length;
  let largest = 0;
  sorted.forEach((x, i) => {
    const p = cdf(x);
    largest = Math.max(largest, (i + 1) / n - p, p - i / n);
  });
  return largest * Math.sqrt(n);
}

/** 1e-6 quantile of Kolmogorov's distribution: √(-ln(α/2)/2). */
export const kolmogorovBound = Math.sqrt(-Math.log(5e-7) / 2);

export function mean(values: ArrayLike<number>, of: (x: number) => number = (x) => x): number {
  return Array.from(values).reduce((sum, x) => sum + of(x), 0) / values.length;
}

/** Pearson's correlation, with √n: N(0, 1) for independent samples. */
export function scaledCorrelation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [(a[i] as number) - ma, (b[i] as number) - mb];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return (ab / Math.sqrt(aa * bb)) * Math.sqrt(a.length);
}

/**
 * Complementary error function: the series of Abramowitz and Stegun 7.1.6 for |x| < 3, otherwise
 * Laplace's continued fraction.
 */
export function erfc(x: number): number {
  if (x < 0) return 2 - erfc(-x);
  if (x < 3) {
    let term = x;
    let sum = x;
    for (let n = 1; n < 120; n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
  }
  let fraction = x;
  for (let n = 120; n >= 1; n--) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / (fraction * Math.sqrt(Math.PI));
}

/** Φ, the distribution function of N(0, 1). */
export const normalCdf = (x: number): number => erfc(-x / Math.SQRT2) / 2;
