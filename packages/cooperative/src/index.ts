/** Energies and generators that teach each other. */
export type { RevisionChain } from "./chain.js";
export { coopNets, type CoopNetsLearner } from "./coopnets/coopnets.js";
export { coopNetsLearning, type CoopNetsParams, type CoopNetsState } from "./coopnets/learning.js";
export { resolveCoopNets, type CoopNetsOptions, type ResolvedCoopNets } from "./coopnets/options.js";
