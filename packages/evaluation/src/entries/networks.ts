/**
 * The FID Inception network and the classifier of digits, as extractors of features, with scores.
 */
export { inceptionExtractor, type InceptionFeatures, type InceptionOptions } from "../inception/extractor.js";
export { convolutions as inceptionConvolutions, type Convolution } from "../inception/layers.js";
export { inceptionNetwork, type InceptionOutputs, type InceptionParams } from "../inception/network.js";
export { inceptionParams } from "../inception/params.js";
export { inceptionFile } from "../inception/published-file.js";
export type { ResizeProtocol } from "../images/resize.js";
export { classificationAccuracy, leastDigitAccuracy, servesForDigits } from "../lenet/accuracy.js";
export { lenetExtractor, type LenetOptions } from "../lenet/extractor.js";
export { lenetLearner, type DigitBatch, type LenetLearnerOptions, type LenetState } from "../lenet/learner.js";
export type { LenetParams } from "../lenet/network.js";
export { lenetArrays } from "../lenet/params.js";
export {
  digitMetrics,
  nameAmongDigits,
  scoreDigits,
  type DigitMetric,
  type DigitScores,
} from "../lenet/score-digits.js";
export { lenetFile, type LenetFile } from "../lenet/shipped.js";
export { weightsIn, type NetworkWeights } from "../weights/weights-in.js";
export type { StoredTensor } from "../weights/stored-tensor.js";
export { digitMetricNames, needsReference, networkMetrics, type NetworkMetric } from "../features/network-request.js";
