/** Latent-space energy-based priors of generators. */
export { latentChains, type LatentChains, type LatentPriorParams } from "./chains.js";
export { posteriorEnergy, priorEnergy, type LatentEnergy } from "./densities.js";
export { latentPrior, type LatentPriorLearner } from "./latent-prior.js";
export { jointOptimizer, learningStep, type LatentPriorMetrics, type LatentPriorState } from "./learning.js";
export {
  resolveOptions,
  type LatentChainOptions,
  type GeneratorOptions,
  type LatentGenerator,
  type LatentPriorOptions,
  type ObservationOptions,
  type ResolvedOptions,
} from "./options.js";
