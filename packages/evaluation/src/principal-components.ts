/**
 * Principal components: a linear space that keeps most of the variance of a data set, fitted once.
 */
import { ValidationError } from "@ergodic/tensor";
import { leadingEigenpairs, type NumberArray } from "@ergodic/linear-algebra";
import { covarianceOf } from "./covariance.js";
import { rowCount } from "./numbers.js";

/** A linear space of principal components, as plain data. */
export interface PrincipalSpace {
  /** Length of an input row. */
  readonly dimensions: number;
  /** `[dimensions]` */
  readonly mean: Float64Array;
  /** `[components, dimensions]` row-major: orthonormal directions, largest variance first */
  readonly directions: Float64Array;
  /** `[components]`: variance of the fitted data along each direction, descending */
  readonly variances: Float64Array;
  /** Variance of the fitted data over all directions, the trace of its covariance. */
  readonly totalVariance: number;
}

export interface PrincipalComponentsOptions {
  /** Length of one row; for images height * width * channels. */
  readonly dimensions: number;
  /** Number of directions kept; default 32. */
  readonly components?: number;
}

/**
 * Principal components of rows `[n, dimensions]`, in float64.
 *
 * They are the eigenvectors of the unbiased covariance with the largest eigenvalues. The sign of
 * each direction makes its largest entry positive.
 *
 * @throws ValidationError for incomplete rows, numbers that are not finite, or more components than
 *   dimensions
 */
export function principalComponents(
  images: NumberArray,
  { dimensions, components = 32 }: PrincipalComponentsOptions,
): PrincipalSpace {
  if (!Number.isInteger(components) || components < 1 || components > dimensions)
    throw new ValidationError(`components is ${components}, expected an integer from 1 to ${dimensions}`);
  const { mean, covariance } = covarianceOf(images, dimensions, "the images to fit principal components to");
  let totalVariance = 0;
  for (let i = 0; i < dimensions; i++) totalVariance += covariance[i * dimensions + i]!;
  if (totalVariance === 0)
    throw new ValidationError(
      "all images are identical, expected some variance; principal components need different rows",
    );
  const { values, vectors } = leadingEigenpairs(covariance, dimensions, components);
  for (let i = 0; i < components; i++) pointForward(vectors.subarray(i * dimensions, (i + 1) * dimensions));
  return { dimensions, mean, directions: vectors, variances: values, totalVariance };
}

/**
 * Coordinates of rows in a principal space: `y_i = directions (x_i - mean)`.
 *
 * @param images `[n, dimensions]` row-major
 * @returns `[n, components]` row-major
 * @throws ValidationError for incomplete rows
 */
export function project(space: PrincipalSpace, images: NumberArray): Float64Array {
  const { dimensions, mean, directions } = space;
  const count = rowCount("the images to project", images, dimensions, 1);
  const components = space.variances.length;
  const out = new Float64Array(count * components);
  const centred = new Float64Array(dimensions);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < dimensions; j++) centred[j] = images[i * dimensions + j]! - mean[j]!;
    for (let c = 0; c < components; c++) {
      let sum = 0;
      for (let j = 0, at = c * dimensions; j < dimensions; j++, at++) sum += directions[at]! * centred[j]!;
      out[i * components + c] = sum;
    }
  }
  return out;
}

function pointForward(direction: Float64Array): void {
  let largest = 0;
  for (const entry of direction) if (Math.abs(entry) > Math.abs(largest)) largest = entry;
  if (largest < 0) for (let j = 0; j < direction.length; j++) direction[j] = -direction[j]!;
}
