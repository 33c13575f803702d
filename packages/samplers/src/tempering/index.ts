/** Chains at several temperatures that exchange their places. */
export { retuneLadder } from "./ladder.js";
export { parallelTempering } from "./parallel-tempering.js";
export type { TemperingInfo, TemperingKernel, TemperingOptions, TemperingState } from "./parallel-tempering.js";
export { summarizeTempering } from "./summary.js";
export type { TemperingReport, TemperingSummary } from "./summary.js";
export type { SwapOrder } from "./swaps.js";
export { warmUpTempering } from "./warm-up-tempering.js";
export type { TemperingWarmUpOptions } from "./warm-up-tempering.js";
