/** Normal targets: a standard normal, one with correlation, one with scales far apart. */
import * as tf from "@tensorflow/tfjs-core";
import { assertCount, assertInRange, assertPositive, fail, random } from "@ergodic/tensor";
import { diagonalMatrix } from "../analytic/analytic-energy.js";
import { gaussianEnergy } from "../analytic/gaussian.js";
import { cholesky, positiveInverse, type Matrix } from "@ergodic/linear-algebra";
import { quantity, target, type Quantity, type Target } from "./target.js";

/** N(0, covariance), drawn as L z with L the Cholesky factor. */
function normal(name: string, covariance: Matrix, quantities: readonly Quantity[] = []): Target {
  const factor = cholesky("covariance", covariance);
  const energy = gaussianEnergy({ precision: positiveInverse("covariance", covariance).inverse });
  return target(name, energy, {
    quantities,
    draw: (key, n) => tf.matMul(random.normal<tf.Rank.R2>(key, [n, factor.length]), tf.tensor2d(factor), false, true),
  });
}

/** Bounds on the dimension of a target whose covariance is a full matrix. */
const mostDimensions = 10_000;

/**
 * N(0, I) in d dimensions (default 3); ‖x‖² has mean d and variance 2d.
 *
 * @throws ValidationError for a dimension that is not a positive integer.
 */
export function standardNormalTarget({ dimension = 3 }: { readonly dimension?: number } = {}): Target {
  assertCount({ dimension }, mostDimensions);
  const squaredNorm = quantity("|x|²", (x) => tf.sum(tf.square(x), 1), {
    mean: dimension,
    sd: Math.sqrt(2 * dimension),
  });
  return normal("standard-normal", diagonalMatrix(new Array<number>(dimension).fill(1)), [squaredNorm]);
}

/**
 * N(0, [[1, ρ], [ρ, 1]]), ρ = `correlation` (default 0.9).
 *
 * @throws ValidationError unless -1 < ρ < 1.
 */
export function correlatedNormal({ correlation = 0.9 }: { readonly correlation?: number } = {}): Target {
  assertInRange({ correlation }, { min: -1, max: 1, minOpen: true, maxOpen: true });
  return normal("correlated-normal", [
    [1, correlation],
    [correlation, 1],
  ]);
}

/**
 * Independent normals whose standard deviations go in equal steps from `smallest` to `largest`;
 * default 0.1 ... 1 in 10 dimensions.
 *
 * @throws ValidationError for fewer than 2 dimensions or scales that are not positive.
 */
export function illConditionedNormal({
  dimension = 10,
  smallest = 0.1,
  largest = 1,
}: { readonly dimension?: number; readonly smallest?: number; readonly largest?: number } = {}): Target {
  assertCount({ dimension }, mostDimensions);
  if (dimension < 2) fail("dimension is 1", "at least 2", "use standardNormalTarget for one dimension");
  assertPositive({ smallest, largest });
  const step = (largest - smallest) / (dimension - 1);
  const variances = Array.from({ length: dimension }, (_, i) => (smallest + i * step) ** 2);
  return normal("ill-conditioned-normal", diagonalMatrix(variances));
}
