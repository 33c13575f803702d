/** Markov chain Monte Carlo kernels for energies, and the two ways to run them. */
export type { Drawn, HostKernel, Kernel, KernelInfo, KernelState, OpenKernel } from "./kernel.js";
export { assertEnergies, chainsOf, normPerChain } from "./chains.js";
export type { Energy, RowEnergy } from "./chains.js";
export { effectiveTemperature, langevin } from "./langevin.js";
export type { LangevinDrift, LangevinInfo, LangevinOptions, LangevinState } from "./langevin.js";
export type { Clamp, GradientClip } from "./bounds.js";
export { cosineCycles, cycleProgress, polynomialDecay } from "./schedule.js";
export type { PolynomialDecayOptions } from "./schedule.js";
export type { ChainSchedule, ChainSetting, ChainValue } from "./chain-settings.js";
export { minibatchEnergy } from "./stochastic-gradient/stochastic-energy.js";
export type { MinibatchEnergyOptions, StochasticEnergy } from "./stochastic-gradient/stochastic-energy.js";
export { controlVariateEnergy } from "./stochastic-gradient/control-variate.js";
export type { ControlVariateOptions } from "./stochastic-gradient/control-variate.js";
export { sgld } from "./stochastic-gradient/sgld.js";
export type { SgldState, StochasticGradientInfo, StochasticGradientOptions } from "./stochastic-gradient/sgld.js";
export { preconditionedSgld } from "./stochastic-gradient/preconditioned-sgld.js";
export type { PreconditionedSgldOptions, PreconditionedSgldState } from "./stochastic-gradient/preconditioned-sgld.js";
export { sghmc } from "./stochastic-gradient/sghmc.js";
export type { SghmcOptions, SghmcState } from "./stochastic-gradient/sghmc.js";
export { cyclicalSgld } from "./stochastic-gradient/cyclical-sgld.js";
export type { CyclicalSgldInfo, CyclicalSgldOptions } from "./stochastic-gradient/cyclical-sgld.js";
export { cycle } from "./compose/cycle.js";
export type { CycleInfo } from "./compose/cycle.js";
export { mixture } from "./compose/mixture.js";
export type { MixtureInfo, MixtureOptions } from "./compose/mixture.js";
export type { ComposedState } from "./compose/parts.js";
export { contrastiveRun, shortRun } from "./short-run.js";
export type { ContrastiveOptions, ShortRunOptions, StartLaw } from "./short-run.js";
export { replayBuffer } from "./replay/replay-buffer.js";
export type {
  ReplayBuffer,
  ReplayBufferOptions,
  ReplayDraw,
  ReplayReport,
  ReplayState,
  ReplayUpdate,
} from "./replay/replay-buffer.js";
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
export { acceptanceIn, reportsIn } from "./acceptance.js";
export { independence } from "./independence.js";
export type { IndependenceOptions, IndependenceState } from "./independence.js";
export { denseMass, diagonalMass, identityMass } from "./mass.js";
export type { Mass } from "./mass.js";
export { adjustStepSize, followAcceptance } from "./adaptation/controller.js";
export type { FollowOptions } from "./adaptation/controller.js";
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
export type { OpenTunable } from "./open-kernel.js";
export { summarizeWhileSampling } from "./streaming/summarize-while-sampling.js";
export type { StreamedRow, StreamedSummary } from "./streaming/summarize-while-sampling.js";
export type { DivergentDraw } from "./streaming/reports.js";
export { runSteps } from "./run-steps.js";
export type { RunStepsOptions } from "./run-steps.js";
export { compileChain, runChain } from "./run-chain.js";
export type { ChainRecord, ChainResult, ChainRunner, CompileOptions, RunChainOptions } from "./run-chain.js";
export * from "./diagnostics/index.js";
export * from "./annealing/index.js";
export * from "./tempering/index.js";
