/**
 * Energy-based models as exponential tilting of a flow or generator, learned and sampled in its
 * noise.
 */
export { generatorBackbone, noisyGeneratorBackbone } from "./backbone.js";
export type { TransportBackbone } from "./backbone.js";
export { noiseEndpoint, tilted } from "./tilted.js";
export type { Tilted, TiltedParams } from "./tilted.js";
export { conditionedEnergy } from "./conditioning.js";
export type { Observation } from "./conditioning.js";
export { importancePartition, partitionBounds } from "./partition.js";
export type { PartitionOptions } from "./partition.js";
export { tiltLearner } from "./tilt-learner.js";
export type { TiltLearner } from "./tilt-learner.js";
export type { TiltedLearner, TiltedState } from "./tilting.js";
export { neuralTransport } from "./neural-transport.js";
export type { NeuralTransportLearner, NeuralTransportState } from "./neural-transport.js";
export type { TransportChainOptions, NeuralTransportOptions, TiltLearnerOptions, TiltOptions } from "./options.js";
export { heldOutLikelihood } from "./likelihood.js";
export type { HeldOutLikelihood, HeldOutOptions } from "./likelihood.js";
export { fitTransport, transportedEnergy } from "./transport.js";
export type { Transport, TransportOptions, TransportProgress } from "./transport.js";
export { celeba64Transport, cifar10Transport, svhn32Transport } from "./presets.js";
export type { TransportPreset, TransportPresetOptions } from "./presets.js";
