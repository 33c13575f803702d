/** Paths between two densities: partition functions, and draws that are carried along. */
export type { Level } from "./anneal.js";
export { annealedImportance, openAnnealing } from "./annealed-importance.js";
export type { AnnealedEstimate, AnnealingOptions, AnnealingRunner } from "./annealed-importance.js";
export { annealedBounds } from "./bounds.js";
export type { AnnealedBounds, BoundsOptions, Direction } from "./bounds.js";
export { bootstrapInterval } from "./estimate.js";
export type { BootstrapOptions, WeightSummary } from "./estimate.js";
export { importanceSampling } from "./importance-sampling.js";
export type { ImportanceEstimate, ImportanceSamplingOptions } from "./importance-sampling.js";
export type { KernelOf, StepSizeAt } from "./moves.js";
export type { Endpoint } from "./path.js";
export {
  adaptiveSchedule,
  geometricLadder,
  geometricSchedule,
  linearSchedule,
  noiseSchedule,
  sigmoidSchedule,
} from "./schedules.js";
export type { Annealing, NextBeta, NoiseScheduleOptions } from "./schedules.js";
export { thermodynamicIntegral } from "./thermodynamic.js";
export type { ThermodynamicIntegral } from "./thermodynamic.js";
export { weightedLangevin } from "./weighted-langevin.js";
export type { WeightedLangevinInfo, WeightedLangevinOptions } from "./weighted-langevin.js";
