/**
 * `@ergodic/samplers/kernels`: what kernels of one's own, and code that reads their reports, need.
 */
export { assertEnergies, chainCount, normPerChain } from "../chains.js";
export { acceptanceIn, reportsIn } from "../acceptance.js";
