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
export type { NumberArray } from "@ergodic/linear-algebra";
export { areaUnderPrecisionRecall, averagePrecision } from "./precision-recall.js";
export {
  principalComponents,
  project,
  type PrincipalComponentsOptions,
  type PrincipalSpace,
} from "./principal-components.js";
export { runningMoments, type RunningMoments } from "./running-moments.js";
export { downloadInception, findInception, inceptionFile, type InceptionDownload } from "./inception/published-file.js";
export { readWeights, weightsIn, type NetworkWeights } from "./weights/read-weights.js";
export type { StoredTensor } from "./weights/stored-tensor.js";
export {
  inceptionExtractor,
  loadInception,
  type InceptionFeatures,
  type InceptionOptions,
} from "./inception/extractor.js";
export type { ResizeProtocol } from "./images/resize.js";
export type { ExtractedFeatures, FeatureExtractor, FeatureProtocol } from "./features/extractor.js";
export {
  collectFeatures,
  type CollectedFeatures,
  type CollectOptions,
  type ImageProtocol,
} from "./features/collect.js";
export { withFeatureFile } from "./features/feature-file.js";
export { assertScorable, type ScorePlan } from "./features/assert-scorable.js";
export { loadStatistics, saveStatistics, type StoredStatistics } from "./features/statistics-file.js";
export { arrayPlace, type ArrayPlace } from "./images/array-place.js";
export { pixelsOf, type PixelBatch, type ImageStream, type PixelOptions } from "./images/image-batch.js";
export { imageFolder, type ImageFolderStream } from "./images/image-folder.js";
export {
  generatedImages,
  imageArray,
  imagesInNpz,
  imagesInSafetensors,
  type GeneratedImages,
} from "./images/streams.js";
export {
  fewExamples,
  imageMetrics,
  keptFor,
  scoreImages,
  type ImageMetric,
  type ImageScores,
  type Reference,
  type ScoreOptions,
  type ScoreWarning,
} from "./features/score-images.js";
export { bleu, selfBleu, type Bleu, type BleuOptions, type BleuSmoothing } from "./text/bleu.js";
export {
  languageModelLearner,
  type LanguageModelLearner,
  type LanguageModelOptions,
  type LanguageModelState,
} from "./text/language-model.js";
export {
  forwardPerplexity,
  reversePerplexity,
  type ForwardPerplexity,
  type ReversePerplexity,
} from "./text/perplexities.js";
export { perplexityOf, type Perplexity } from "./text/perplexity.js";
export {
  assertScorableText,
  trainLanguageModel,
  type LanguageModel,
  type LanguageModelProtocol,
  type LanguageModelTraining,
} from "./text/train-language-model.js";
export {
  annealedBitsPerDimension,
  boundedBitsPerDimension,
  type AnnealedBitsOptions,
  type BoundedBits,
} from "./annealed-bits.js";
export { clusteringScores, type ClusteringScores } from "./clustering.js";
export { meanBitsPerDimension, importanceLikelihood, type LikelihoodEstimate } from "./importance-likelihood.js";
export { areaUnderRoc, falseAlarmsAt, hitsAt } from "./receiver-operating-characteristic.js";
export { convolutions as inceptionConvolutions, type Convolution } from "./inception/layers.js";
export { inceptionNetwork, type InceptionOutputs, type InceptionParams } from "./inception/network.js";
export { inceptionParams } from "./inception/params.js";
export { lenetLearner, type DigitBatch, type LenetLearnerOptions, type LenetState } from "./lenet/learner.js";
export { loadLenet, lenetExtractor, type LenetOptions } from "./lenet/extractor.js";
export { classificationAccuracy } from "./lenet/accuracy.js";
export type { LenetParams } from "./lenet/network.js";
export { lenetArrays } from "./lenet/params.js";
export { lenetFile, type LenetFile } from "./lenet/shipped.js";
export {
  digitMetrics,
  nameAmongDigits,
  scoreDigits,
  type DigitMetric,
  type DigitScores,
} from "./lenet/score-digits.js";
export { vocabularyOf, type Vocabulary } from "@ergodic/data";
export type { OnProgress, ScoringProgress } from "./progress.js";
export {
  networkScores,
  type InceptionScores,
  type LenetScores,
  type NetworkScores,
} from "./features/network-scores.js";
export {
  digitMetricNames,
  needsReference,
  networkMetrics,
  type ImageReference,
  type NetworkMetric,
  type NetworkRequest,
  type NetworkSettings,
} from "./features/network-request.js";
export {
  detectionMetrics,
  detectionScores,
  type Detection,
  type DetectionMetric,
  type DetectionScores,
} from "./model/detection.js";
export { collectImages } from "./model/collect-images.js";
export { madeImages, type ImageRequest, type ImageSize } from "./model/made-images.js";
export { firstImages, imagesOf, imageSize, type ImageArray } from "./model/image-array.js";
export { readImageReference, type ImageDistances } from "./model/image-reference.js";
export {
  modelMetrics,
  possibleMetrics,
  scoreModel,
  type FrechetScore,
  type ImageEvaluation,
  type ImageModel,
  type ModelMetric,
  type ModelScores,
  type ReconstructionScore,
} from "./model/image-scores.js";
export { defaultSamples, loadImages, readPlan, type EvaluationPlan, type WholeImageDataset } from "./model/plan.js";
export { modelSamples, type SampleImages } from "./model/samples.js";
export {
  readText,
  textMetrics,
  textScores,
  type TextFile,
  type TextMetric,
  type TextScores,
  type TextScoring,
} from "./text/text-scores.js";
