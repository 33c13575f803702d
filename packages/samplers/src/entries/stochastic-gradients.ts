/** `@ergodic/samplers/stochastic-gradients`: kernels for energies that are known by estimates. */
export { minibatchEnergy } from "../stochastic-gradient/stochastic-energy.js";
export type { MinibatchEnergyOptions, StochasticEnergy } from "../stochastic-gradient/stochastic-energy.js";
export { controlVariateEnergy } from "../stochastic-gradient/control-variate.js";
export type { ControlVariateOptions } from "../stochastic-gradient/control-variate.js";
export { sgld } from "../stochastic-gradient/sgld.js";
export type { SgldState, StochasticGradientInfo, StochasticGradientOptions } from "../stochastic-gradient/sgld.js";
export { preconditionedSgld } from "../stochastic-gradient/preconditioned-sgld.js";
export type { PreconditionedSgldOptions, PreconditionedSgldState } from "../stochastic-gradient/preconditioned-sgld.js";
export { sghmc } from "../stochastic-gradient/sghmc.js";
export type { SghmcOptions, SghmcState } from "../stochastic-gradient/sghmc.js";
export { cyclicalSgld } from "../stochastic-gradient/cyclical-sgld.js";
export type { CyclicalSgldInfo, CyclicalSgldOptions } from "../stochastic-gradient/cyclical-sgld.js";
export { cosineCycles, cycleProgress, polynomialDecay } from "../schedule.js";
export type { PolynomialDecayOptions } from "../schedule.js";
