/** Markov chain Monte Carlo kernels for energies, and the two ways to run them. */
export type { Drawn, HostKernel, Kernel, KernelInfo, KernelState, OpenKernel } from "./kernel.js";
export { assertEnergies, chainsOf, normPerChain } from "./chains.js";
export type { Energy } from "./chains.js";
export { langevin } from "./langevin.js";
export type { LangevinInfo, LangevinOptions, LangevinState } from "./langevin.js";
export { hmc, mala } from "./hmc.js";
export type { HmcOptions } from "./hmc.js";
export type {
  HamiltonianInfo,
  HamiltonianKernel,
  HamiltonianOptions,
  HamiltonianState,
  Tunable,
} from "./hamiltonian.js";
export { independence } from "./independence.js";
export type { IndependenceOptions, IndependenceState } from "./independence.js";
export { denseMass, diagonalMass, identityMass } from "./mass.js";
export type { Mass } from "./mass.js";
export { adjustStepSize } from "./adaptation/controller.js";
export { dualAverage, startDualAveraging } from "./adaptation/dual-averaging.js";
export type { DualAveraging } from "./adaptation/dual-averaging.js";
export { warmUp } from "./adaptation/warm-up.js";
export type { WarmUpOptions } from "./adaptation/warm-up.js";
export { warmUpSchedule } from "./adaptation/windows.js";
export type { WarmUpSchedule } from "./adaptation/windows.js";
export { nuts } from "./nuts/nuts.js";
export type { NutsInfo, NutsKernel, NutsOptions } from "./nuts/nuts.js";
export { sample } from "./sample.js";
export type { SampleOptions } from "./sample.js";
export { openKernel } from "./open-kernel.js";
export { runSteps } from "./run-steps.js";
export type { RunStepsOptions } from "./run-steps.js";
export { compileChain, runChain } from "./run-chain.js";
export type { ChainRecord, ChainResult, ChainRunner, CompileOptions, RunChainOptions } from "./run-chain.js";
export * from "./diagnostics/index.js";
