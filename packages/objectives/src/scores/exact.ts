/** Score matching with the exact trace of the Hessian. */
import { grad } from "@ergodic/engine";
import type { Energy } from "@ergodic/samplers";
import { fail } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { sumPerExample } from "./per-example.js";
import { noisyScoreObjective, type ScoreNoise } from "./score-objective.js";

/**
 * Every dimension adds a gradient of the gradient to the program; above this many, sliced score
 * matching is the way.
 */
const MOST_DIMENSIONS = 64;

/**
 * mean ½ |∇E(x)|² - ΔE(x), for x `[batch, dimensions]`. It takes one gradient of the gradient for
 * each dimension.
 *
 * At its minimum exp(-E) is the law of the data up to a factor.
 * Hyvärinen, "Estimation of non-normalized statistical models by score matching" (2005), equation
 * 4.
 *
 * @throws ValidationError for examples of another rank or of more than 64 dimensions.
 */
export function exactScoreLoss(energy: Energy, x: tf.Tensor): tf.Tensor {
  const [, dimensions = 0] = x.shape;
  if (x.rank !== 2 || dimensions > MOST_DIMENSIONS)
    fail(
      `examples have shape [${x.shape.join(",")}]`,
      `[batch, dimensions] with at most ${MOST_DIMENSIONS} dimensions`,
      "use slicedScoreMatching or denoisingScoreMatching",
    );
  const slope = grad((at: tf.Tensor) => tf.sum(energy(at)));
  const second = Array.from({ length: dimensions }, (_, d) => {
    const along = grad((at: tf.Tensor) => tf.sum(tf.slice(slope(at), [0, d], [-1, 1])))(x);
    return tf.slice(along, [0, d], [-1, 1]);
  });
  const squares = tf.mul(0.5, sumPerExample(tf.square(slope(x))));
  return tf.mean(tf.sub(squares, sumPerExample(tf.concat(second, 1))));
}

/** Learning by {@link exactScoreLoss}. @throws ValidationError for negative noise. */
export const exactScoreMatching = (noise: ScoreNoise = {}) => noisyScoreObjective(noise, exactScoreLoss);
