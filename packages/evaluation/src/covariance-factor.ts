/** Whether a matrix is a covariance, found while it is taken apart: damaged ones are refused by name, not scored. */
import { assertPositiveInteger, fail } from "@ergodic/tensor";
import { assertAllFinite, assertSymmetric, pivotedCholesky, type PivotedFactor } from "@ergodic/linear-algebra";
import type { Moments } from "./covariance.js";

const remedy = "the statistics are damaged or were computed otherwise: compute them again";

type Gaussian = Omit<Moments, "count">;

/** What float64 leaves of a semi-definite matrix, as a share of its Frobenius norm. */
const ROUNDING = 1e-10;
/** A negative eigenvalue that statistics in float32 may have, as a share of the Frobenius norm. */
const NEGATIVE = 1e-6;

/** @throws ValidationError for counts that do not fit, numbers that are not finite, or a covariance that is not symmetric. */
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
 * `R^T R` of a covariance. Where it is one up to the rounding of float32 alone, eigenvalues as small as that rounding count as 0.
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

/** @throws ValidationError for statistics of no Gaussian: as {@link assertStatistics} and {@link covarianceFactor}. */
export function assertGaussian(what: string, statistics: Gaussian): void {
  assertStatistics(what, statistics);
  covarianceFactor(`the covariance of ${what}`, statistics.covariance, statistics.dimensions);
}

/** The root of the sum of squares, without overflow on the way. */
function frobeniusNorm(matrix: Float64Array): number {
  const largest = matrix.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (largest === 0) return 0;
  return largest * Math.sqrt(matrix.reduce((sum, value) => sum + (value / largest) ** 2, 0));
}
