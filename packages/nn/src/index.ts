/** Neural networks as pure functions: layers, initialisers, optimisers and schedules. */
export type { AffineLayer, AffineParams, Layer, NoParams } from "./layer.js";
export { refreshed, type Refreshable } from "./refreshed.js";
export { learningOfPart, type Learning } from "./learning.js";
export { initializers } from "./initializers.js";
export type { AffineInit, Initializer, InitializerShape } from "./initializers.js";
export { dense } from "./dense.js";
export type { DenseOptions } from "./dense.js";
export { activationOf, mlp, type MlpOptions } from "./mlp.js";
export { conv2d } from "./convolution.js";
export type { Conv2dOptions } from "./convolution.js";
export { convTranspose2d, transposedSide } from "./transposed-convolution.js";
export type { ConvTranspose2dOptions } from "./transposed-convolution.js";
export {
  activation,
  activationNames,
  gelu,
  identity,
  leakyRelu,
  pointwise,
  relu,
  sigmoid,
  softplus,
  swish,
  tanh,
} from "./activations.js";
export type { ActivationLayer, ActivationName } from "./activations.js";
export { groupNorm, instanceNorm, type GroupNormOptions } from "./group-norm.js";
export { layerNorm } from "./layer-norm.js";
export { batchNorm, type BatchNormOptions, type BatchNormParams } from "./batch-norm.js";
export type { NormOptions, NormParams } from "./normalisation.js";
export { spectral, type SpectralLayer, type SpectralOptions, type SpectralParams } from "./spectral.js";
export { averagePool2d, maxPool2d, type PoolingOptions } from "./pooling.js";
export { reflectionPad2d, upsample2d } from "./resampling.js";
export { sinusoidal, type SinusoidalOptions } from "./sinusoidal.js";
export { channelGain, type GainParams } from "./gain.js";
export { residual, type ResidualParams } from "./residual.js";
export {
  conditionedResidual,
  type Conditioned,
  type ConditionedResidualOptions,
  type ConditionedResidualParams,
} from "./conditioned-residual.js";
export { scaleAndShift, type ScaleAndShiftOptions } from "./scale-and-shift.js";
export { accuracy, crossEntropy } from "./classification.js";
export { logSoftmaxAt } from "./softmax-output.js";
export { dropout, dropoutLayer } from "./dropout.js";
export { embedding } from "./embedding.js";
export type { EmbeddingOptions, EmbeddingParams } from "./embedding.js";
export type { Recurred, Recurrent, RecurrentOptions, RunOptions } from "./recurrent.js";
export { lstm, type LstmParams, type LstmState } from "./lstm.js";
export { gru, type GruParams, type GruState } from "./gru.js";
export { decode, type Decoded, type DecodeOptions } from "./decode.js";
export { selfAttention, type SelfAttentionOptions, type SelfAttentionParams } from "./self-attention.js";
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
export { constant, cosine, exponentialDecay, linearDecay, linearWarmup, stepDecay } from "./schedules.js";
export type { CosineOptions, DecayOptions, LinearDecayOptions, WarmupOptions } from "./schedules.js";
export { clipByGlobalNorm, globalNorm } from "./gradient-norm.js";
