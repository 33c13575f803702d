/** Generators: networks from latent vectors to images. */
export {
  networkGenerator,
  type VectorGenerator,
  type NetworkGeneratorOptions,
  type SizedGenerator,
} from "./generator.js";
export { imageDecoder } from "./image-decoder.js";
export type { DecoderLayer, ImageDecoderOptions } from "./image-decoder.js";
export { imageTranslator, type ImageTranslator, type ImageTranslatorOptions } from "./image-translator.js";
export { conditionalUnet, type ConditionalUnetOptions } from "./conditional-unet.js";
export { imagePredictor, lastFramePlus, type ImagePredictorOptions } from "./frame-predictor.js";
export { celeba128Decoder, celeba64Decoder, cifar10Decoder, mnist28Decoder, svhn32Decoder } from "./presets.js";
export type { DecoderPresetOptions } from "./presets.js";
export { mlpDecoder } from "./mlp-decoder.js";
export type { MlpDecoderOptions } from "./mlp-decoder.js";
export type { ObservationModel } from "./observations/observation.js";
export { gaussian } from "./observations/gaussian.js";
export { bernoulli } from "./observations/bernoulli.js";
export {
  bagOfWords,
  categorical,
  type SymbolTexts,
  type TextOptions,
  type TokenSequence,
} from "./observations/categorical.js";
export type { Latents, StartOptions } from "./latents/latents.js";
export { standardNormal, standardNormalEnergy, type LatentShapes, type LatentsOf } from "./latents/standard-normal.js";
export {
  gaussianHierarchy,
  type GaussianHierarchy,
  type GaussianHierarchyOptions,
  type LayeredLatents,
} from "./latents/gaussian-hierarchy.js";
export { fromNoise, type NormalLaw } from "./latents/normal-law.js";
export { coordinatesOf, greatCircles, traversals, type LatentCoordinate } from "./latents/paths.js";
export { bottomGenerator } from "./latents/bottom-generator.js";
export type { InferenceModel } from "./inference/inference-model.js";
export { normalInference, type NormalInference, type NormalInferenceOptions } from "./inference/normal-inference.js";
export { layeredInference, type LayeredInferenceOptions } from "./inference/layered-inference.js";
export {
  sequenceEncoder,
  type SequenceEncoderOptions,
  type SequenceEncoderParams,
} from "./sequences/sequence-encoder.js";
export {
  turnsEncoder,
  type Turns,
  type TurnsEncoderOptions,
  type TurnsEncoderParams,
} from "./sequences/turns-encoder.js";
export { replyEncoder, type Reply, type ReplyEncoderParams } from "./sequences/reply-encoder.js";
export {
  sequenceDecoder,
  type DecodedSequence,
  type SequenceDecoder,
  type SequenceDecoderOptions,
  type SequenceDecoderParams,
} from "./sequences/sequence-decoder.js";
