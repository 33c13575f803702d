/** `@ergodic/samplers/tempering`: chains at several temperatures that exchange their places. */
export { geometricLadder } from "../annealing/schedules.js";
export { retuneLadder } from "../tempering/ladder.js";
export { parallelTempering } from "../tempering/parallel-tempering.js";
export type {
  TemperingInfo,
  TemperingKernel,
  TemperingOptions,
  TemperingState,
} from "../tempering/parallel-tempering.js";
export { summarizeTempering } from "../tempering/summary.js";
export type { TemperingReport, TemperingSummary } from "../tempering/summary.js";
export type { SwapOrder } from "../tempering/swaps.js";
export { warmUpTempering } from "../tempering/warm-up-tempering.js";
export type { TemperingWarmUpOptions } from "../tempering/warm-up-tempering.js";
