/** Diffusion recovery likelihood, and its cooperative form with learned starts of chains. */
export { recoveryLikelihood } from "./learner.js";
export type { RecoveryLikelihoodLearner, AncestralOptions } from "./learner.js";
export type { Initialiser, InitialiserInput, RecoveryLikelihoodOptions, RecoveryLimits } from "./options.js";
export type { RecoveryState } from "./learning.js";
export type { RecoveryParams } from "./draws.js";
export type { EnergyScale, Levels, LevelTime } from "@ergodic/noising";
export { hmcSampler, langevinSampler, malaSampler, normalSampler } from "./conditional-sampler.js";
export type {
  AdjustedChainOptions,
  ChainNumbers,
  ChainOptions,
  ConditionalSampler,
  HmcChainOptions,
} from "./conditional-sampler.js";
export type { Conditional } from "./conditional.js";
