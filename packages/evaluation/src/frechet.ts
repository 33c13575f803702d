/** Fréchet distance between Gaussians fitted to two sets of feature vectors: the number behind FID and its kin. */
import { ValidationError } from "@ergodic/tensor";
import { covarianceOf, type Moments } from "./covariance.js";
import { row, type NumberArray } from "./numbers.js";
import { project, type PrincipalSpace } from "./principal-components.js";
import { symmetricEigen } from "./symmetric-eigen.js";

/** A Gaussian fitted to feature vectors. Plain data, so it can be stored. */
export type GaussianStatistics = Moments;

/**
 * Mean and unbiased covariance (divided by n - 1, as `numpy.cov`) of feature vectors, in float64.
 *
 * @param features `[n, dimensions]` row-major, n at least 2
 * @throws ValidationError for incomplete rows, fewer than 2 rows, or numbers that are not finite
 */
export function gaussianStatistics(features: NumberArray, dimensions: number): GaussianStatistics {
  return covarianceOf(features, dimensions, "the features");
}

/**
 * Squared Fréchet (2-Wasserstein) distance between two Gaussians,
 * `|m1 - m2|^2 + tr(C1) + tr(C2) - 2 tr((C1^(1/2) C2 C1^(1/2))^(1/2))`.
 *
 * Both roots are taken through symmetric eigen-decompositions, so singular covariances (fewer examples than dimensions)
 * are as good as any. The estimate from samples is biased upward by roughly `1/n`: compare only equal counts.
 * Source: GANs Trained by a Two Time-Scale Update Rule, arXiv 1706.08500.
 *
 * @returns a number >= 0
 * @throws ValidationError when the two have different dimensions
 */
export function frechetDistance(a: GaussianStatistics, b: GaussianStatistics): number {
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
  return Math.max(0, squaredShift + traces - 2 * traceOfRootProduct(a.covariance, b.covariance, size));
}

/**
 * Fréchet distance between two sets of images inside a fixed principal space:
 * Gaussians are fitted to the projections of both. Small for images that look alike in their coarse structure.
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

/** `tr((A^(1/2) B A^(1/2))^(1/2))`, computed as `sum sqrt(eigenvalues(R B R^T))` with `R = diag(sqrt(l)) V`, `A = V^T diag(l) V`. */
function traceOfRootProduct(a: Float64Array, b: Float64Array, size: number): number {
  const { values, vectors } = symmetricEigen(a, size);
  const lengths = rootsAboveNoise(values);
  const root = Float64Array.from(vectors, (entry, at) => entry * lengths[Math.floor(at / size)]!);
  const product = new Float64Array(size * size);
  const rootTimesB = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    rootTimesB.fill(0);
    row(root, i, size).forEach((weight, k) => {
      for (let j = 0; j < size; j++) rootTimesB[j]! += weight * b[k * size + j]!;
    });
    for (let j = 0; j < size; j++) {
      let sum = 0;
      for (let k = 0; k < size; k++) sum += rootTimesB[k]! * root[j * size + k]!;
      product[i * size + j] = sum;
    }
  }
  for (let i = 0; i < size; i++)
    for (let j = 0; j < i; j++) {
      const middle = (product[i * size + j]! + product[j * size + i]!) / 2;
      product[i * size + j] = middle;
      product[j * size + i] = middle;
    }
  return rootsAboveNoise(symmetricEigen(product, size).values).reduce((sum, value) => sum + value, 0);
}

/** Square roots of eigenvalues (descending); what rounding alone produces, of either sign, counts as zero. */
function rootsAboveNoise(values: Float64Array): Float64Array {
  const noise = Math.max(values[0] ?? 0, 0) * values.length * Number.EPSILON;
  return values.map((value) => (value > noise ? Math.sqrt(value) : 0));
}
