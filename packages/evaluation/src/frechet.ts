/** Fréchet distance between Gaussians fitted to two sets of feature vectors, as in FID. */
import { ValidationError } from "@ergodic/tensor";
import {
  type DenseMatrix,
  nuclearNorm,
  type NumberArray,
  type PivotedFactor,
  rowProducts,
} from "@ergodic/linear-algebra";
import { assertGaussian, assertStatistics, covarianceFactor } from "./covariance-factor.js";
import { covarianceOf, type Moments } from "./covariance.js";
import { project, type PrincipalSpace } from "./principal-components.js";

/** A Gaussian fitted to feature vectors, as plain data. Files of other programs lack the count. */
export type GaussianStatistics = Omit<Moments, "count"> & Partial<Pick<Moments, "count">>;

/**
 * Mean and unbiased covariance (divided by n - 1, as `numpy.cov`) of feature vectors, in float64.
 *
 * @param features `[n, dimensions]` row-major, n at least 2
 * @throws ValidationError for incomplete rows, fewer than 2 rows, or numbers that are not finite
 */
export function gaussianStatistics(features: NumberArray, dimensions: number): Moments {
  return covarianceOf(features, dimensions, "the features");
}

/**
 * Squared Fréchet (2-Wasserstein) distance between two Gaussians.
 *
 * `|m1 - m2|^2 + tr(C1) + tr(C2) - 2 tr((C1 C2)^(1/2))`
 *
 * - Singular covariances (fewer examples than dimensions) are allowed.
 * - The estimate from samples is biased upward by roughly `1/n` ({@link frechetBias}), so compare
 *   equal counts only.
 * - 2048 dimensions take about 20 s.
 *
 * Source: GANs Trained by a Two Time-Scale Update Rule, arXiv 1706.08500.
 *
 * @returns a number >= 0
 * @throws ValidationError when the two have different dimensions, a mean or covariance of another
 *   size, numbers that are not finite, or a covariance that is not symmetric or has a negative
 *   eigenvalue
 */
export function frechetDistance(a: GaussianStatistics, b: GaussianStatistics): number {
  assertStatistics("the first statistics", a);
  assertStatistics("the second statistics", b);
  if (a.dimensions !== b.dimensions)
    throw new ValidationError(
      `the statistics have ${a.dimensions} and ${b.dimensions} dimensions; take both from the same feature space`,
    );
  const size = a.dimensions;
  let squaredShift = 0;
  let traces = 0;
  for (let i = 0; i < size; i++) {
    squaredShift += (a.mean[i]! - b.mean[i]!) ** 2;
    traces += a.covariance[i * size + i]! + b.covariance[i * size + i]!;
  }
  return Math.max(0, squaredShift + traces - 2 * traceOfRootProduct(a, b));
}

/**
 * Upper bound of the bias of {@link frechetDistance}, to first order, when both sets come from one
 * Gaussian.
 *
 * `tr(C) (1 + (d + 1) / 4) (1/n + 1/m)`. It is reached when all variances are equal.
 *
 * The mean contributes `tr(C) (1/n + 1/m)`. The covariance contributes `sum_ij (1 + [i = j]) l_i
 * l_j / (2 (l_i + l_j)) (1/n + 1/m)` for eigenvalues `l`, and `l_i l_j / (l_i + l_j) <= (l_i + l_j)
 * / 4`.
 *
 * @throws ValidationError for statistics that {@link frechetDistance} refuses
 */
export function frechetBias(statistics: GaussianStatistics, n: number, m: number): number {
  assertGaussian("the statistics", statistics);
  const { covariance, dimensions } = statistics;
  let trace = 0;
  for (let i = 0; i < dimensions; i++) trace += covariance[i * dimensions + i]!;
  return trace * (1 + (dimensions + 1) / 4) * (1 / n + 1 / m);
}

/**
 * Fréchet distance between two sets of images inside a fixed principal space.
 *
 * Gaussians are fitted to the projections of both sets. The distance is small for images with
 * similar coarse structure.
 *
 * @param reference `[n, space.dimensions]`, for example the test images
 * @param images `[m, space.dimensions]`, for example model samples
 */
export function frechetInPrincipalSpace(space: PrincipalSpace, reference: NumberArray, images: NumberArray): number {
  const components = space.variances.length;
  return frechetDistance(
    gaussianStatistics(project(space, reference), components),
    gaussianStatistics(project(space, images), components),
  );
}

/**
 * `tr((A B)^(1/2))`: with `A = R^T R` and `B = S^T S`, the sum of the singular values of `R S^T`.
 *
 * This needs no square root of a matrix and no complex numbers. It is exact for any rank. Nothing
 * is squared, so rounding stays at `1e-15`.
 */
function traceOfRootProduct(a: GaussianStatistics, b: GaussianStatistics): number {
  const size = a.dimensions;
  const { factor: r, order } = covarianceFactor("the covariance of the first statistics", a.covariance, size);
  const arranged = new Float64Array(size * size);
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++) arranged[i * size + j] = b.covariance[order[i]! * size + order[j]!]!;
  const s = inOriginalOrder(covarianceFactor("the covariance of the second statistics", arranged, size));
  return nuclearNorm(rowProducts(r, s));
}

/** The factor with its columns in the order of the original matrix. */
function inOriginalOrder({ factor: { rows, columns, values }, order }: PivotedFactor): DenseMatrix {
  const out = new Float64Array(rows * columns);
  for (let k = 0; k < rows; k++)
    for (let j = k; j < columns; j++) out[k * columns + order[j]!] = values[k * columns + j]!;
  return { rows, columns, values: out };
}
