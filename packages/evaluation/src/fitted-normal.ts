/** Normal laws fitted to points, on the host in float64. */
import { covarianceOf } from "./covariance.js";
import { cholesky, lowerInverse } from "@ergodic/linear-algebra";
import { random, type Key } from "@ergodic/tensor";

/** A law of vectors of d numbers. Points are float32 rows `[n, d]`. */
export interface HostLaw {
  draw(key: Key, n: number): Float32Array;
  /** log density in nats of each point, `[n]`. */
  logDensity(points: Float32Array): Float64Array;
}

/** N(m, L Lᵀ), the law of m + L u with u ~ N(0, I). */
export interface FittedNormal extends HostLaw {
  /** m */
  readonly mean: Float64Array;
  /** L, lower triangular. */
  readonly lower: readonly (readonly number[])[];
}

/** Added to every variance, so that numbers that do not vary have a density. */
const leastVariance = 1e-8;

/** log N(z; 0, I) without -½|z|², for d numbers. */
export const normalConstant = (d: number): number => -(d / 2) * Math.log(2 * Math.PI);

/** N(0, I) over d numbers. */
export const standardLaw = (d: number): HostLaw => ({
  draw: (key, n) => Float32Array.from(random.host.normal(key, n * d)),
  logDensity: (points) =>
    Float64Array.from({ length: points.length / d }, (_, i) => {
      let squares = 0;
      for (let k = 0; k < d; k++) squares += points[i * d + k]! ** 2;
      return normalConstant(d) - squares / 2;
    }),
});

/**
 * N(m, S) with the mean m of the points and their covariance, whose entries off the diagonal are
 * shrunk by d/(d + n): with few points they are mostly noise.
 *
 * @throws ValidationError for fewer than 2 points, or numbers that are not finite.
 */
export function fittedNormal(points: Float32Array, d: number): FittedNormal {
  const { mean, covariance, count } = covarianceOf(points, d);
  const kept = count / (d + count);
  const shrunk = Array.from({ length: d }, (_, i) =>
    Array.from({ length: d }, (_, j) => (i === j ? leastVariance : 0) + (i === j ? 1 : kept) * covariance[i * d + j]!),
  );
  const lower = cholesky("the covariance of latents", shrunk);
  const inverse = lowerInverse(lower);
  const constant = lower.reduce((sum, row, i) => sum - Math.log(row[i]!), normalConstant(d));
  return {
    mean,
    lower,
    draw(key, n) {
      const noise = random.host.normal(key, n * d);
      const drawn = new Float32Array(n * d);
      for (let at = 0; at < n * d; at += d)
        lower.forEach((row, i) => {
          let sum = mean[i]!;
          for (let k = 0; k <= i; k++) sum += row[k]! * noise[at + k]!;
          drawn[at + i] = sum;
        });
      return drawn;
    },
    logDensity: (rows) =>
      Float64Array.from({ length: rows.length / d }, (_, r) => {
        let squares = 0;
        for (const [i, row] of inverse.entries()) {
          let whitened = 0;
          for (let k = 0; k <= i; k++) whitened += row[k]! * (rows[r * d + k]! - mean[k]!);
          squares += whitened * whitened;
        }
        return constant - squares / 2;
      }),
  };
}
