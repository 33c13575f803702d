/** The tables of a ladder of conditional models, one entry for each transition t = 0 .. T - 1. */
import { assertOneOf, fail } from "@ergodic/tensor";
import type * as tf from "@tensorflow/tfjs-core";
import type { Ladder } from "./ladder.js";
import { atLevel } from "./levels.js";
import { transitionsOf, type LadderTransitions, type TopLevel } from "./tether.js";

/**
 * c_t, by which the energy E(y, t) = network(y, t)/c_t is made from the output of the network.
 *
 * - "step": s_t², the squared step size of the chains. A step then moves by ½ the gradient of the
 *   network at every level.
 * - "noise": σ_{t+1}², for models without chains.
 * - "none": 1. The network is the energy itself.
 */
export type EnergyScale = "step" | "noise" | "none";

/** The number by which a network is told the level i. */
export type LevelTime =
  /** i itself. */
  | "index"
  /** 1000 · 2 arctan(S_i/A_i)/π: the angle of the level, from 0 for data to 1000 for noise. */
  | "angle";

export interface LevelOptions {
  readonly ladder: Ladder;
  readonly top: TopLevel;
  readonly energyScale: EnergyScale;
  readonly time: LevelTime;
  /** s_t, `T` numbers. */
  readonly stepSizes: Float64Array;
}

/** The tables that chains, losses and likelihoods read. */
export interface Levels {
  readonly ladder: Ladder;
  /** T. */
  readonly count: number;
  readonly transitions: LadderTransitions;
  /** c_t, `T` numbers. */
  readonly scale: Float64Array;
  /** The number of level i for networks, `T + 1` numbers. */
  readonly times: Float64Array;
}

const scaleOf = {
  step: ({ stepSizes }: LevelOptions) => stepSizes.map((s) => s * s),
  noise: ({ ladder }: LevelOptions) => ladder.stepNoise.slice(1).map((sd) => sd * sd),
  none: ({ ladder }: LevelOptions) => new Float64Array(ladder.transitions).fill(1),
} as const;

/**
 * @throws ValidationError for another scale or time, or a number of step sizes that is not T.
 */
export function levelsOf(options: LevelOptions): Levels {
  const { ladder, top, energyScale, time, stepSizes } = options;
  const { transitions: count, signal, noise } = ladder;
  assertOneOf({ energyScale }, Object.keys(scaleOf));
  assertOneOf({ time }, ["index", "angle"]);
  if (stepSizes.length !== count || !stepSizes.every((s) => s > 0 && Number.isFinite(s))) {
    fail(
      `the sampler has ${stepSizes.length} step sizes, from ${Math.min(...stepSizes)} to ${Math.max(...stepSizes)}`,
      `${count} positive numbers, one for each transition of the ladder`,
      "make both from the same ladder",
    );
  }
  const angle = (i: number): number => (1000 * Math.atan2(noise[i]!, signal[i]!)) / (Math.PI / 2);
  return {
    ladder,
    count,
    transitions: transitionsOf(ladder, top),
    scale: scaleOf[energyScale](options),
    times: Float64Array.from(signal, (_, i) => (time === "index" ? i : angle(i))),
  };
}

/** The entries of a table for examples, float32 `[batch]`. */
export const entries = (table: Float64Array, transition: tf.Tensor1D): tf.Tensor1D =>
  atLevel(table, transition, 1) as tf.Tensor1D;

/** The entries of a table for examples, shaped to multiply x `[batch, ...]`. */
export const along = (table: Float64Array, transition: tf.Tensor1D, x: tf.Tensor): tf.Tensor =>
  atLevel(table, transition, x.rank) as tf.Tensor;

/** The entries of the level above: of i + 1 for each i. */
export const tableAbove = (table: Float64Array): Float64Array => table.subarray(1);
