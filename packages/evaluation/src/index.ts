/**
 * Scores of samples on plain number arrays, in float64: distances of feature vectors and related
 * scores.
 *
 * Subpaths hold the rest:
 * - `clusters` has clusters of rows and principal components.
 * - `images` has streams of images, their features in any network, and scores of these features.
 * - `networks` has the FID Inception network and the classifier of digits.
 * - `model` scores models of images or points with the data that their experiments name.
 * - `classification` scores class probabilities.
 * - `detection` scores the detection of anomalies.
 * - `likelihood` has likelihoods, exact ones in the plane, and bits per dimension.
 * - `text` has n-gram overlaps and the language model behind perplexities.
 * - `node` reads and writes files: weights, images, statistics, texts, runs of language models.
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
export { gaussianDiscrepancy } from "./gaussian-discrepancy.js";
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
export {
  principalComponents,
  project,
  type PrincipalComponentsOptions,
  type PrincipalSpace,
} from "./principal-components.js";
export { runningMoments, type RunningMoments } from "./running-moments.js";
export { modeCoverage, type ModeCoverage, type Modes } from "./mode-coverage.js";
export { clusteringScores, type ClusteringScores } from "./clustering.js";
export type { OnProgress, ScoringProgress } from "./progress.js";
