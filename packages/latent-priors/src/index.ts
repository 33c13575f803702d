/** Latent-space energy-based priors of generators. */
export { latentChains, type LatentChains, type LatentPriorParams } from "./chains.js";
export type { LatentDraws } from "./draws.js";
export { posteriorEnergy, priorEnergy, type LatentEnergy } from "./densities.js";
export type { Backbone } from "./evidence-bound.js";
export { latentPrior, type LatentPriorLearner } from "./latent-prior.js";
export { jointOptimizer, learningStep, type LatentPriorMetrics, type LatentPriorState } from "./learning.js";
export {
  resolveOptions,
  type LatentChainOptions,
  type PosteriorChainOptions,
  type GeneratorOptions,
  type LatentGenerator,
  type LatentPriorOptions,
  type ObservationOptions,
  type ResolvedOptions,
} from "./options.js";
export { resolveVariational, type ResolvedVariational, type VariationalOptions } from "./variational/options.js";
export { variationalPrior, type VariationalPriorLearner } from "./variational/variational-prior.js";
export { variationalSteps, type VariationalParams, type VariationalState } from "./variational/steps.js";
export { latentDiffusion, type LatentDiffusionLearner } from "./diffusion/latent-diffusion.js";
export type { GivenSymbol } from "./diffusion/draws.js";
export type { DiffusionState } from "./diffusion/learning.js";
export {
  resolveDiffusion,
  type Clustering,
  type DiffusionWeights,
  type LatentDiffusionOptions,
  type ResolvedDiffusion,
} from "./diffusion/options.js";
export { coupledEnergy, mutualInformation, symbolCrossEntropy, symbolEnergy } from "./diffusion/symbols.js";
export { layerwise, type LayeredVariational } from "./variational/layers.js";
