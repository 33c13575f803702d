/** Perturbed data at one level of a ladder, and pairs of neighbouring levels. */
import * as tf from "@tensorflow/tfjs-core";
import { random, type Key } from "@ergodic/tensor";
import type { Ladder } from "./ladder.js";
import { assertLevel, atLevel, type NoiseLevel } from "./levels.js";

const mixed = (share: number | tf.Tensor, x: tf.Tensor, sd: number | tf.Tensor, noise: tf.Tensor): tf.Tensor =>
  tf.add(tf.mul(share, x), tf.mul(sd, noise));

/**
 * x_i = A_i x + S_i ε, ε ~ N(0, I), for x `[batch, ...]`.
 *
 * @throws ValidationError for a level outside 0 .. T, or levels that are not int32 `[batch]`.
 */
export function perturb(ladder: Ladder, x: tf.Tensor, level: NoiseLevel, key: Key): tf.Tensor {
  assertLevel("level", level, ladder.transitions + 1, x.shape[0]!);
  const at = (table: Float64Array): number | tf.Tensor => atLevel(table, level, x.rank);
  return mixed(at(ladder.signal), x, at(ladder.noise), random.normal(key, x.shape));
}

export interface PairOptions {
  /**
   * Whether both levels share the same ε: x_{t+1} = A_{t+1} x + S_{t+1} ε. Default false.
   *
   * Otherwise fresh noise is added to x_t. The marginals are the same. Zhu et al., arXiv
   * 2309.05153.
   */
  readonly sharedNoise?: boolean;
}

export interface NoisyPair {
  /** x_t. */
  readonly near: tf.Tensor;
  /** x_{t+1}. */
  readonly far: tf.Tensor;
}

/**
 * x_t = A_t x + S_t ε and x_{t+1} = a_{t+1} x_t + σ_{t+1} ε' for a transition t in 0 .. T - 1.
 *
 * The transition is one number for all of x `[batch, ...]`, or one per example.
 *
 * @throws ValidationError for a transition outside 0 .. T - 1, or transitions that are not int32
 * `[batch]`.
 */
export function pair(
  ladder: Ladder,
  x: tf.Tensor,
  transition: NoiseLevel,
  key: Key,
  { sharedNoise = false }: PairOptions = {},
): NoisyPair {
  assertLevel("transition", transition, ladder.transitions, x.shape[0]!);
  const [nearKey, farKey] = random.split(key, 2) as [Key, Key];
  const at = (table: Float64Array): number | tf.Tensor => atLevel(table, transition, x.rank);
  const noise = random.normal(nearKey, x.shape);
  const near = mixed(at(ladder.signal), x, at(ladder.noise), noise);
  const far = sharedNoise
    ? mixed(at(ladder.signal.subarray(1)), x, at(ladder.noise.subarray(1)), noise)
    : mixed(at(ladder.stepSignal.subarray(1)), near, at(ladder.stepNoise.subarray(1)), random.normal(farKey, x.shape));
  return { near, far };
}
