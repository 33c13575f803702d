/** Streams of images, their features in any network, and scores of these features. */
export { pixelsOf, type ImageStream, type PixelBatch, type PixelOptions } from "../images/image-batch.js";
export { generatedImages, imageArray, type GeneratedImages } from "../images/streams.js";
export type { ExtractedFeatures, FeatureExtractor, FeatureProtocol } from "../features/extractor.js";
export {
  collectFeatures,
  type CollectedFeatures,
  type CollectOptions,
  type ImageProtocol,
} from "../features/collect.js";
export { assertScorable, type ScorePlan } from "../features/assert-scorable.js";
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
} from "../features/score-images.js";
export type { StoredStatistics } from "../features/statistics-file.js";
