/** Markov chain Monte Carlo kernels for energies, and the two ways to run them. */
export type { Kernel, KernelInfo, KernelState } from "./kernel.js";
export { assertEnergies, chainsOf, normPerChain } from "./chains.js";
export type { Energy } from "./chains.js";
export { langevin } from "./langevin.js";
export type { LangevinInfo, LangevinOptions, LangevinState } from "./langevin.js";
export { runSteps } from "./run-steps.js";
export type { RunStepsOptions } from "./run-steps.js";
export { compileChain, runChain } from "./run-chain.js";
export type { ChainRecord, ChainResult, ChainRunner, CompileOptions, RunChainOptions } from "./run-chain.js";
export * from "./diagnostics/index.js";
