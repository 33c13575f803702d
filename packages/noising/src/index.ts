/** Noise ladders, perturbation of data, and tethers to noisy observations. */
export { ladder, type CosineLadderOptions, type Ladder } from "./ladder.js";
export { atLevel, type NoiseLevel } from "./levels.js";
export {
  tableAbove,
  along,
  entries,
  levelsOf,
  type EnergyScale,
  type LevelOptions,
  type Levels,
  type LevelTime,
} from "./level-tables.js";
export { noisy, type DataNoise } from "./noisy.js";
export { pair, perturb, type NoisyPair, type PairOptions } from "./perturb.js";
export {
  langevinSteps,
  proportionalSteps,
  tether,
  transitionsOf,
  type TopLevel,
  type LadderTransitions,
} from "./tether.js";
