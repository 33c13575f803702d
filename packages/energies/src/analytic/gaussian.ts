/** Quadratic energies in two forms: around a mean, and as a polynomial. */
import * as tf from "@tensorflow/tfjs-core";
import { assertFinite, fail } from "@ergodic/tensor";
import { analytic, halfSquare, type AnalyticEnergy } from "./analytic-energy.js";
import { cholesky, dot, multiply, positiveInverse, type Matrix } from "@ergodic/linear-algebra";

function assertVector(name: string, vector: readonly number[], dimension: number): void {
  if (vector.length !== dimension)
    fail(`${name} has ${vector.length} entries`, `${dimension}, one per row of precision`);
  vector.forEach((value, i) => assertFinite({ [`${name}[${i}]`]: value }));
}

/**
 * ½ uᵀ P u = ½ ‖Lᵀ u‖² for every row u, P = L Lᵀ. All terms have one sign, so large ones give no ∞
 * - ∞.
 */
const quadraticForm = (u: tf.Tensor2D, precision: Matrix): tf.Tensor =>
  tf.sum(halfSquare(tf.matMul(u, tf.tensor2d(cholesky("precision", precision)))), [1]);

/**
 * E(x) = ½ (x - mean)ᵀ P (x - mean): the density is N(mean, P⁻¹), and E is 0 at the mean.
 *
 * @throws ValidationError unless `precision` is symmetric positive definite and `mean` (default 0)
 *   fits it.
 */
export function gaussianEnergy({
  mean,
  precision,
}: {
  readonly mean?: readonly number[];
  readonly precision: Matrix;
}): AnalyticEnergy {
  const dimension = precision.length;
  const centre = mean ?? precision.map(() => 0);
  assertVector("mean", centre, dimension);
  const { inverse: covariance, logDeterminant } = positiveInverse("precision", precision);
  return analytic("gaussian", {
    dimension,
    formula: (x) => quadraticForm(tf.sub(x, tf.tensor1d([...centre])), precision),
    moments: { mean: centre, covariance },
    logPartition: (dimension * Math.log(2 * Math.PI) - logDeterminant) / 2,
  });
}

/**
 * E(x) = ½ xᵀ P x - cᵀ x: the density is N(P⁻¹c, P⁻¹), and log Z has the extra term ½ cᵀP⁻¹c.
 *
 * @throws ValidationError unless `precision` is symmetric positive definite and `linear` (default
 *   0) fits it.
 */
export function quadratic({
  precision,
  linear,
}: {
  readonly precision: Matrix;
  readonly linear?: readonly number[];
}): AnalyticEnergy {
  const dimension = precision.length;
  const c = linear ?? precision.map(() => 0);
  assertVector("linear", c, dimension);
  const { inverse: covariance, logDeterminant } = positiveInverse("precision", precision);
  const mean = multiply(covariance, c);
  return analytic("quadratic", {
    dimension,
    formula: (x) => tf.sub(quadraticForm(tf.sub(x, tf.tensor1d(mean)), precision), dot(c, mean) / 2),
    moments: { mean, covariance },
    logPartition: (dimension * Math.log(2 * Math.PI) - logDeterminant + dot(c, mean)) / 2,
  });
}
