/** Markov chain Monte Carlo kernels for energies, and the two ways to run them. */
export type { Kernel, KernelInfo, KernelState } from "./kernel.js";
export { assertEnergies, chainsOf, normPerChain } from "./chains.js";
export type { Energy } from "./chains.js";
export { langevin } from "./langevin.js";
export type { LangevinInfo, LangevinOptions, LangevinState } from "./langevin.js";
export { hmc, mala } from "./hmc.js";
export type { HmcOptions } from "./hmc.js";
export type { HamiltonianInfo, HamiltonianKernel, HamiltonianOptions, HamiltonianState } from "./hamiltonian.js";
export { denseMass, diagonalMass, identityMass } from "./mass.js";
export type { Mass } from "./mass.js";
export { runSteps } from "./run-steps.js";
export type { RunStepsOptions } from "./run-steps.js";
export { compileChain, runChain } from "./run-chain.js";
export type { ChainRecord, ChainResult, ChainRunner, CompileOptions, RunChainOptions } from "./run-chain.js";
export * from "./diagnostics/index.js";
