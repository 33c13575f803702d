/** Scores with files: weights, images, statistics, texts, runs of language models. */
export { downloadInception, findInception, type InceptionDownload } from "../inception/download.js";
export { loadInception } from "../inception/load.js";
export { digitClassifier } from "../lenet/classify-digits.js";
export { loadLenet } from "../lenet/load.js";
export { readWeights } from "../weights/read-weights.js";
export { arrayPlace, type ArrayPlace } from "../images/array-place.js";
export { imageFolder, type ImageFolderStream } from "../images/image-folder.js";
export { imagesInNpz, imagesInSafetensors } from "../images/stored-images.js";
export { withFeatureFile } from "../features/feature-file.js";
export { loadStatistics, saveStatistics } from "../features/statistics-file.js";
export type { ImageReference, NetworkRequest, NetworkSettings } from "../features/network-request.js";
export {
  networkScores,
  type InceptionScores,
  type LenetScores,
  type NetworkScores,
} from "../features/network-scores.js";
export {
  forwardPerplexity,
  reversePerplexity,
  type ForwardPerplexity,
  type ReversePerplexity,
} from "../text/perplexities.js";
export {
  assertScorableText,
  trainLanguageModel,
  type LanguageModel,
  type LanguageModelProtocol,
  type LanguageModelTraining,
} from "../text/train-language-model.js";
export {
  possibleSentenceMetrics,
  readSentencePlan,
  sentenceMetrics,
  sentenceScores,
  type Grammar,
  type SampleScores,
  type SentenceMetric,
  type SentenceModel,
  type SentencePlan,
  type SentenceScores,
  type SentenceScoring,
} from "../text/run-scores.js";
export {
  readText,
  textMetrics,
  textScores,
  type TextFile,
  type TextMetric,
  type TextScores,
  type TextScoring,
} from "../text/text-scores.js";
