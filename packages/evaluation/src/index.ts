/**
 * Measures of how good samples, reconstructions and scores are. Everything after a network works on plain number arrays in
 * float64.
 */
export { covarianceOf, type Moments } from "./covariance.js";
export {
  frechetBias,
  frechetDistance,
  frechetInPrincipalSpace,
  gaussianStatistics,
  type GaussianStatistics,
} from "./frechet.js";
export { frechetInfinity, type FrechetInfinity, type FrechetInfinityOptions } from "./frechet-infinity.js";
export { inceptionScore, type InceptionScore, type InceptionScoreOptions } from "./inception-score.js";
export {
  kernelDistance,
  squaredMmd,
  type KernelDistance,
  type KernelDistanceOptions,
  type MmdEstimator,
} from "./kernel-distance.js";
export {
  densityCoverageConvention,
  manifoldScores,
  precisionRecallConvention,
  type BallConvention,
  type ManifoldScores,
} from "./manifold-scores.js";
export { meanSquaredError } from "./mean-squared-error.js";
export type { NumberArray } from "./numbers.js";
export { areaUnderPrecisionRecall, averagePrecision } from "./precision-recall.js";
export {
  principalComponents,
  project,
  type PrincipalComponentsOptions,
  type PrincipalSpace,
} from "./principal-components.js";
export { runningMoments, type RunningMoments } from "./running-moments.js";
export { leadingEigenpairs, symmetricEigen, type Eigenpairs } from "./symmetric-eigen.js";
