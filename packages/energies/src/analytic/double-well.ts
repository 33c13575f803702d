/** The double well: two modes per coordinate, with a barrier of given height between them. */
import * as tf from "@tensorflow/tfjs-core";
import { assertPositive, assertPositiveInteger } from "@ergodic/tensor";
import { analytic, diagonalMatrix, type AnalyticEnergy } from "./analytic-energy.js";

export interface DoubleWellOptions {
  /** Default 1. */
  readonly dimension?: number;
  /** h: the energy at 0, above the two minima. Default 3. */
  readonly barrier?: number;
  /** a: the minima are at ±a. Default 1. */
  readonly position?: number;
}

/**
 * ∫ exp(-h (u² - 1)²) du and ∫ u² … by the trapezoid rule, which is exact to rounding for
 * integrands this smooth and short-tailed.
 */
function integrals(barrier: number): { mass: number; second: number } {
  const limit = Math.sqrt(1 + Math.sqrt(745 / barrier));
  const nodes = 4000;
  const step = (2 * limit) / nodes;
  let [mass, second] = [0, 0];
  for (let i = 1; i < nodes; i++) {
    const u = -limit + i * step;
    const weight = Math.exp(-barrier * (u * u - 1) ** 2) * step;
    mass += weight;
    second += weight * u * u;
  }
  return { mass, second };
}

/**
 * E(x) = Σ_i h ((x_i/a)² - 1)²: coordinates are independent, each with minima at ±a and the barrier
 * h at 0.
 *
 * Mean 0 and no correlation by symmetry. Variance and log Z are integrals in one dimension,
 * computed to rounding.
 *
 * @throws ValidationError for options that are not positive.
 */
export function doubleWell({ dimension = 1, barrier = 3, position = 1 }: DoubleWellOptions = {}): AnalyticEnergy {
  assertPositiveInteger({ dimension });
  assertPositive({ barrier, position });
  const { mass, second } = integrals(barrier);
  const variance = (position * position * second) / mass;
  return analytic("doubleWell", {
    dimension,
    formula: (x) => tf.sum(tf.square(tf.mul(Math.sqrt(barrier), tf.sub(tf.square(tf.div(x, position)), 1))), [1]),
    moments: {
      mean: new Array<number>(dimension).fill(0),
      covariance: diagonalMatrix(new Array<number>(dimension).fill(variance)),
    },
    logPartition: dimension * Math.log(position * mass),
  });
}
