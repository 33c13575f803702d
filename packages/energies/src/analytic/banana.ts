/**
 * The banana: a Gaussian bent along a parabola.
 *
 * Haario, Saksman, Tamminen, "An adaptive Metropolis algorithm" (2001).
 */
import * as tf from "@tensorflow/tfjs-core";
import { assertNonNegative, assertPositive } from "@ergodic/tensor";
import { analytic, diagonalMatrix, halfSquare, type AnalyticEnergy } from "./analytic-energy.js";

export interface BananaOptions {
  /** b, the curvature, not negative. Default 0.03. */
  readonly curvature?: number;
  /** s, positive: standard deviation along the first axis. Default 10. */
  readonly scale?: number;
}

/**
 * E(x) = x₁²/(2s²) + ½ (x₂ + b (x₁² - s²))²: x₁ ~ N(0, s²) and x₂ given x₁ ~ N(b (s² - x₁²), 1).
 *
 * Mean 0, variances s² and 1 + 2b²s⁴, no correlation, log Z = log(2π s).
 *
 * @throws ValidationError for a negative curvature or a scale that is not positive.
 */
export function banana({ curvature = 0.03, scale = 10 }: BananaOptions = {}): AnalyticEnergy {
  assertNonNegative({ curvature });
  assertPositive({ scale });
  const variance = scale * scale;
  return analytic("banana", {
    dimension: 2,
    formula: (x) => {
      const first = tf.slice2d(x, [0, 0], [-1, 1]);
      const second = tf.slice2d(x, [0, 1], [-1, 1]);
      const bend = tf.sub(tf.square(tf.mul(Math.sqrt(curvature), first)), curvature * variance);
      return tf.squeeze(tf.add(halfSquare(first, 1 / scale), halfSquare(tf.add(second, bend))), [1]);
    },
    moments: {
      mean: [0, 0],
      covariance: diagonalMatrix([variance, 1 + 2 * curvature * curvature * variance * variance]),
    },
    logPartition: Math.log(2 * Math.PI * scale),
  });
}
