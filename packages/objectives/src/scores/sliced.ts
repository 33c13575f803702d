/** Sliced score matching. */
import { grad } from "@ergodic/engine";
import type { Energy } from "@ergodic/samplers";
import { assertPositiveInteger, random, type Key } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { sumPerExample } from "./per-example.js";
import { noisyScoreObjective, type ScoreNoise } from "./score-objective.js";

export interface SlicedOptions {
  /** M, directions for each example. Default 1. */
  readonly projections?: number;
}

/**
 * mean ½ |∇E(x)|² - vᵀ ∇²E(x) v over M directions v of independent signs ±1, so that E[vᵀ∇²E v] is
 * the trace.
 *
 * Song et al., "Sliced Score Matching: A Scalable Approach to Density and Score Estimation", arXiv
 * 1905.07088, equation 8 (the form with reduced variance).
 */
export function slicedScoreLoss(
  energy: Energy,
  x: tf.Tensor,
  { projections = 1, key }: SlicedOptions & { readonly key: Key },
): tf.Tensor {
  const slope = grad((at: tf.Tensor) => tf.sum(energy(at)));
  const curvatures = Array.from({ length: projections }, (_, m) => {
    const v = tf.sub(tf.mul(2, random.bernoulli(random.fold(key, m), x.shape, 0.5)), 1);
    const along = grad((at: tf.Tensor) => tf.sum(tf.mul(v, slope(at))))(x);
    return tf.mean(sumPerExample(tf.mul(v, along)));
  });
  const squares = tf.mul(0.5, tf.mean(sumPerExample(tf.square(slope(x)))));
  return tf.sub(squares, tf.mean(tf.stack(curvatures)));
}

/**
 * Learning by {@link slicedScoreLoss}.
 *
 * @throws ValidationError unless `projections` is a positive integer, and for negative noise.
 */
export function slicedScoreMatching({ projections = 1, ...noise }: SlicedOptions & ScoreNoise = {}) {
  assertPositiveInteger({ projections });
  return noisyScoreObjective(noise, (energy, x, key) => slicedScoreLoss(energy, x, { projections, key }));
}
