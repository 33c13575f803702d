/**
 * `@ergodic/samplers/kernels`: what kernels of one's own, and code that reads their reports, need.
 */
export { assertEnergies, chainCount, normPerChain } from "../chains.js";
export { acceptanceIn, reportsIn } from "../acceptance.js";
export { metropolis } from "../metropolis.js";
export type { Decision } from "../metropolis.js";
export { tunable } from "../adaptation/tunable.js";
export type { AdaptableInfo, AdaptableState } from "../adaptation/tunable.js";
export { potential } from "../potential.js";
export type { Evaluated } from "../potential.js";
