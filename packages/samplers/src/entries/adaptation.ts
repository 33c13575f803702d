/**
 * `@ergodic/samplers/adaptation`: the parts of which warm-ups are made, and step sizes that follow
 * a drifting target.
 */
export { adjustStepSize, followAcceptance } from "../adaptation/controller.js";
export type { FollowOptions } from "../adaptation/controller.js";
export { dualAverage, startDualAveraging } from "../adaptation/dual-averaging.js";
export type { DualAveraging } from "../adaptation/dual-averaging.js";
export { warmUpSchedule } from "../adaptation/windows.js";
export type { WarmUpSchedule } from "../adaptation/windows.js";
