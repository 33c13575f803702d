/** Energies and generators that teach each other. */
export type { RevisionChain } from "./chain.js";
export { coopNets, type CoopNetsLearner } from "./coopnets/coopnets.js";
export { coopNetsLearning, type CoopNetsParams, type CoopNetsState } from "./coopnets/learning.js";
export { resolveCoopNets, type CoopNetsOptions, type ResolvedCoopNets } from "./coopnets/options.js";
export { cycleCoopNets, type CycleCoopNetsLearner, type CycleCoopNetsOptions } from "./translation/cycle.js";
export {
  translationLearning,
  type SeenFrames,
  type TranslationParams,
  type TranslationState,
} from "./translation/learning.js";
export type { TranslationLearner } from "./translation/learner.js";
export {
  resolvePaired,
  resolveTranslation,
  type ResolvedTranslation,
  type Temporal,
  type TranslationOptions,
  type TranslationWeights,
} from "./translation/options.js";
export { pairedCoopNets, type PairedCoopNetsOptions } from "./translation/paired.js";
export type { Directions, Side, Sides } from "./translation/sides.js";
export {
  sequenceCoopNets,
  type SequenceCoopNetsLearner,
  type SequenceCoopNetsOptions,
} from "./translation/sequence.js";
