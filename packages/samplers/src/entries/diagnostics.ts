/**
 * `@ergodic/samplers/diagnostics`: plain functions of recorded draws that judge chains. The root
 * has `summarize`, the table of them all.
 */
export { autocorrelation, autocovariance } from "../diagnostics/autocovariance.js";
export { highestRHat, leastEffectiveSize } from "../diagnostics/bounds.js";
export { splitChains } from "../diagnostics/draws.js";
export type { Chains, Draws } from "../diagnostics/draws.js";
export {
  essBulk,
  essMean,
  essQuantile,
  essSd,
  essTail,
  integratedAutocorrelationTime,
} from "../diagnostics/effective-size.js";
export { importanceSampleSize, normalisedWeights, paretoK } from "../diagnostics/importance.js";
export type { LogWeights } from "../diagnostics/importance.js";
export { inverseNormal } from "../diagnostics/inverse-normal.js";
export { modeVisits, nearestMode, occupancyTest, roundTrips } from "../diagnostics/modes.js";
export type { ModeVisits, OccupancyTest } from "../diagnostics/modes.js";
export { quantile } from "../diagnostics/moments.js";
export { expectedSquaredJumpDistance } from "../diagnostics/movement.js";
export { histogramOverlap } from "../diagnostics/overlap.js";
export type { OverlapOptions } from "../diagnostics/overlap.js";
export { basicRHat, bulkRHat, foldedRHat, nestedRHat, rHat, splitRHat } from "../diagnostics/r-hat.js";
export { rankNormalise } from "../diagnostics/ranks.js";
export { scalarsOf } from "../diagnostics/samples.js";
export type { Scalar } from "../diagnostics/samples.js";
export { mcseMean, mcseQuantile, mcseSd } from "../diagnostics/standard-errors.js";
export { energyFraction, summarizeTransitions } from "../diagnostics/transitions.js";
export type { Transitions, TransitionSummary } from "../diagnostics/transitions.js";
