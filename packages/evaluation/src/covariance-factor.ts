/**
 * Factors of covariances.
 *
 * A matrix that is no covariance is found during factorisation and refused by name, not scored.
 */
import { assertPositiveInteger, fail } from "@ergodic/tensor";
import { assertAllFinite, assertSymmetric, pivotedCholesky, type PivotedFactor } from "@ergodic/linear-algebra";
import type { Moments } from "./covariance.js";

const remedy = "the statistics are damaged or were computed otherwise: compute them again";

type Gaussian = Omit<Moments, "count">;

/** Rounding of float64 in a semi-definite matrix, as a share of its Frobenius norm. */
const ROUNDING = 1e-10;
/**
 * Magnitude of negative eigenvalues that statistics in float32 may have, as a share of the
 * Frobenius norm.
 */
const NEGATIVE = 1e-6;

/**
 * @throws ValidationError for counts that do not match, numbers that are not finite, or a
 *   covariance that is not symmetric
 */
export function assertStatistics(what: string, { mean, covariance, dimensions }: Gaussian): void {
  assertPositiveInteger({ [`dimensions of ${what}`]: dimensions });
  if (mean.length !== dimensions || covariance.length !== dimensions ** 2)
    fail(
      `${what} hold ${mean.length} means and ${covariance.length} covariances`,
      `${dimensions} and ${dimensions ** 2}`,
      "pass mean [d] and covariance [d, d] of the same features",
    );
  assertAllFinite(`the mean of ${what}`, mean);
  assertAllFinite(`the covariance of ${what}`, covariance);
  assertSymmetric(`the covariance of ${what}`, covariance, dimensions);
}

/**
 * The factor `R` of a covariance `R^T R`.
 *
 * If the matrix is a covariance only up to the rounding of float32, eigenvalues below that rounding
 * count as 0.
 *
 * @param covariance `[dimensions, dimensions]`, finite and symmetric
 * @throws ValidationError for a negative eigenvalue below `-1e-6` of the Frobenius norm
 */
export function covarianceFactor(what: string, covariance: Float64Array, dimensions: number): PivotedFactor {
  const norm = frobeniusNorm(covariance);
  const factor = pivotedCholesky(covariance, dimensions);
  if (factor.rest <= ROUNDING * norm) return factor;
  const least = NEGATIVE * norm;
  const lifted = covariance.map((value, at) => (at % (dimensions + 1) === 0 ? value + least : value));
  if (pivotedCholesky(lifted, dimensions).rest > ROUNDING * norm)
    fail(`${what} has an eigenvalue below ${(-least).toPrecision(2)}`, "a covariance, which has none below 0", remedy);
  return pivotedCholesky(covariance, dimensions, least);
}

/**
 * @throws ValidationError for statistics that fail {@link assertStatistics} or {@link
 *   covarianceFactor}
 */
export function assertGaussian(what: string, statistics: Gaussian): void {
  assertStatistics(what, statistics);
  covarianceFactor(`the covariance of ${what}`, statistics.covariance, statistics.dimensions);
}

/** The root of the sum of squares, without overflow of intermediate values. */
function frobeniusNorm(matrix: Float64Array): number {
  const largest = matrix.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (largest === 0) return 0;
  return largest * Math.sqrt(matrix.reduce((sum, value) => sum + (value / largest) ** 2, 0));
}
