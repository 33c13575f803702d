/**
 * `@ergodic/samplers/annealing`: partition functions, and draws that are led along a path between
 * two densities.
 */
export type { Level } from "../annealing/anneal.js";
export { annealedImportance, openAnnealing } from "../annealing/annealed-importance.js";
export type { AnnealedEstimate, AnnealingOptions, AnnealingRunner } from "../annealing/annealed-importance.js";
export { annealedBounds } from "../annealing/bounds.js";
export type { AnnealedBounds, BoundsOptions, Direction } from "../annealing/bounds.js";
export { bootstrapInterval } from "../annealing/estimate.js";
export type { BootstrapOptions, WeightSummary } from "../annealing/estimate.js";
export { importanceSampling } from "../annealing/importance-sampling.js";
export type { ImportanceEstimate, ImportanceSamplingOptions } from "../annealing/importance-sampling.js";
export { logMeanExp, systematicResample } from "../annealing/log-weights.js";
export type { KernelOf, StepSizeAt } from "../annealing/moves.js";
export type { Endpoint } from "../annealing/path.js";
export {
  adaptiveSchedule,
  geometricSchedule,
  linearSchedule,
  noiseSchedule,
  sigmoidSchedule,
} from "../annealing/schedules.js";
export type { Annealing, NextBeta, NoiseScheduleOptions } from "../annealing/schedules.js";
export { thermodynamicIntegral } from "../annealing/thermodynamic.js";
export type { ThermodynamicIntegral } from "../annealing/thermodynamic.js";
export { weightedLangevin } from "../annealing/weighted-langevin.js";
export type { WeightedLangevinInfo, WeightedLangevinOptions } from "../annealing/weighted-langevin.js";
