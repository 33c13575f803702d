/**
 * Markov chain Monte Carlo kernels for energies, and the ways to run them.
 *
 * Subpaths hold the rest:
 *   - `diagnostics` judges draws.
 *   - `annealing` and `tempering` work between densities.
 *   - `stochastic-gradients` has kernels for energies that are estimated.
 *   - `adaptation` has the parts of which warm-ups are made.
 *   - `streaming` summarizes draws that are not kept.
 *   - `kernels` is for kernels of one's own.
 */
export type { Drawn, HostKernel, Kernel, KernelInfo, KernelState, OpenKernel } from "./kernel.js";
export type { Energy, RowEnergy } from "./chains.js";
export type { ChainSchedule, ChainSetting, ChainValue } from "./chain-settings.js";
export { effectiveTemperature, langevin } from "./langevin.js";
export type { LangevinDrift, LangevinInfo, LangevinOptions, LangevinState } from "./langevin.js";
export type { Clamp, GradientClip } from "./bounds.js";
export { hmc, mala } from "./hmc.js";
export type { HmcOptions } from "./hmc.js";
export type {
  HamiltonianInfo,
  HamiltonianKernel,
  HamiltonianOptions,
  HamiltonianState,
  ScheduledKernel,
  ScheduledState,
  Tunable,
} from "./hamiltonian.js";
export { adaptedMass, denseMass, diagonalMass, identityMass } from "./mass.js";
export type { Mass, MassKind } from "./mass.js";
export { nuts } from "./nuts/nuts.js";
export type { NutsInfo, NutsKernel, NutsOptions } from "./nuts/nuts.js";
export { independence } from "./independence.js";
export type { IndependenceOptions, IndependenceState } from "./independence.js";
export { cycle } from "./compose/cycle.js";
export type { CycleInfo } from "./compose/cycle.js";
export { mixture } from "./compose/mixture.js";
export type { MixtureInfo, MixtureOptions } from "./compose/mixture.js";
export type { ComposedState } from "./compose/parts.js";
export { warmUp } from "./adaptation/warm-up.js";
export type { WarmUpOptions } from "./adaptation/warm-up.js";
export { sample } from "./sample.js";
export type { SampleOptions } from "./sample.js";
export { uniformStarts } from "./start-law.js";
export type { Begin, StartLaw, Starts } from "./start-law.js";
export { openKernel } from "./open-kernel.js";
export type { OpenProbe, OpenTunable } from "./open-kernel.js";
export { advance, runSteps } from "./run-steps.js";
export type { RunStepsOptions } from "./run-steps.js";
export { compileChain, runChain } from "./run-chain.js";
export type { ChainRecord, ChainResult, ChainRunner, ChainProgramOptions, RunChainOptions } from "./run-chain.js";
export { contrastiveRun, shortRun } from "./short-run.js";
export type { ContrastiveOptions, ShortRunOptions } from "./short-run.js";
export { replayBuffer } from "./replay/replay-buffer.js";
export type {
  ReplayBuffer,
  ReplayBufferOptions,
  ReplayDraw,
  ReplayReport,
  ReplayState,
  ReplayUpdate,
} from "./replay/replay-buffer.js";
export { summarize } from "./diagnostics/summarize.js";
export type { SummaryRow } from "./diagnostics/summarize.js";
export { formatSummary } from "./diagnostics/format-summary.js";
export type { ChainSamples } from "./diagnostics/samples.js";
