/**
 * Energies: networks with parameters, and formulas with known densities. Low energy means likely:
 * p(x) ∝ exp(-E(x)).
 */
export type { EnergyModel } from "./energy-model.js";
export { networkEnergy } from "./network-energy.js";
export { partwiseEnergy } from "./partwise-energy.js";
export type { PartwiseInput, PartwiseParams } from "./partwise-energy.js";
export { scaledEnergy } from "./scaled-energy.js";
export { conditionalNetworkEnergy, given } from "./conditional-energy.js";
export type { ConditionalEnergy, GivenEnergy } from "./conditional-energy.js";
export { pairEnergy } from "./pair-energy.js";
export { conditionalMlpEnergy } from "./conditional-mlp-energy.js";
export type { ConditionalMlpEnergyOptions, ConditionalMlpParams } from "./conditional-mlp-energy.js";
export { conditionalResidualMlp } from "./conditional-residual-mlp.js";
export type {
  ConditionalResidualMlpOptions,
  ConditionalResidualMlpParams,
  ConditionedInContext,
} from "./conditional-residual-mlp.js";
export { wideResidualEnergy } from "./wide-residual-energy.js";
export type { WideResidualEnergyOptions, WideResidualParams } from "./wide-residual-energy.js";
export { mlpEnergy } from "./mlp-energy.js";
export type { MlpEnergyOptions } from "./mlp-energy.js";
export { convEnergy } from "./conv-energy.js";
export type { ConvEnergyOptions } from "./conv-energy.js";
export type { AnalyticEnergy } from "./analytic/analytic-energy.js";
export type { Matrix } from "@ergodic/linear-algebra";
export { gaussianEnergy, quadratic } from "./analytic/gaussian.js";
export { banana } from "./analytic/banana.js";
export type { BananaOptions } from "./analytic/banana.js";
export { doubleWell } from "./analytic/double-well.js";
export type { DoubleWellOptions } from "./analytic/double-well.js";
export { gaussianMixtureEnergy } from "./analytic/gaussian-mixture.js";
export type { GaussianMixtureEnergyOptions } from "./analytic/gaussian-mixture.js";
export * from "./targets/index.js";
