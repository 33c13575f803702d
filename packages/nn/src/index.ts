/** Neural networks as pure functions: layers, initialisers, optimisers and schedules. */
export type { AffineParams, Layer, NoParams } from "./layer.js";
export { initializers } from "./initializers.js";
export type { AffineInit, Initializer, InitializerShape } from "./initializers.js";
export { dense } from "./dense.js";
export type { DenseOptions } from "./dense.js";
export { conv2d } from "./convolution.js";
export type { Conv2dOptions } from "./convolution.js";
export { convTranspose2d, transposedSide } from "./transposed-convolution.js";
export type { ConvTranspose2dOptions } from "./transposed-convolution.js";
export {
  activation,
  activationNames,
  gelu,
  leakyRelu,
  pointwise,
  relu,
  sigmoid,
  softplus,
  swish,
  tanh,
} from "./activations.js";
export type { ActivationLayer, ActivationName } from "./activations.js";
export { dropout } from "./dropout.js";
export { embedding } from "./embedding.js";
export type { EmbeddingOptions, EmbeddingParams } from "./embedding.js";
export { lstm } from "./lstm.js";
export type { LstmLayer, LstmOptions, LstmParams, LstmState } from "./lstm.js";
export { flatten, reshape } from "./shape-layers.js";
export { sequential } from "./sequential.js";
export type { Optimizer } from "./optimizer.js";
export { optimizerOf, type UpdateRule } from "./optimizer.js";
export { clipped, type ClippedState } from "./clipped.js";
export { every, type EveryState } from "./every.js";
export { perPart } from "./per-part.js";
export { skipUnsound, type SkipUnsoundState } from "./skip-unsound.js";
export { trainedGradient } from "./trained-gradient.js";
export { adam } from "./adam.js";
export type { AdamOptions, AdamState } from "./adam.js";
export { sgd } from "./sgd.js";
export type { SgdOptions, SgdState } from "./sgd.js";
export { constant, cosine, exponentialDecay, linearWarmup, stepDecay } from "./schedules.js";
export type { CosineOptions, DecayOptions, Schedule, WarmupOptions } from "./schedules.js";
export { clipByGlobalNorm, globalNorm } from "./gradient-norm.js";
