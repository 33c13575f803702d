/** Quadratic energies, in the two forms they come in: around a mean, and as a polynomial. */
import * as tf from "@tensorflow/tfjs-core";
import { assertFinite, fail } from "@ergodic/tensor";
import { analytic, type AnalyticEnergy } from "./analytic-energy.js";
import { dot, inverse, multiply, type Matrix } from "./linear-algebra.js";

function assertVector(name: string, vector: readonly number[], dimension: number): void {
  if (vector.length !== dimension)
    fail(`${name} has ${vector.length} entries`, `${dimension}, one per row of precision`);
  vector.forEach((value, i) => assertFinite({ [`${name}[${i}]`]: value }));
}

/** ½ uᵀ P u for every row u. */
const halfSquare = (u: tf.Tensor2D, precision: Matrix): tf.Tensor => {
  const matrix = tf.tensor2d(precision.map((row) => [...row]));
  return tf.mul(0.5, tf.sum(tf.mul(tf.matMul(u, matrix), u), [1]));
};

/**
 * E(x) = ½ (x - mean)ᵀ P (x - mean): the density is N(mean, P⁻¹), and E is 0 at the mean.
 *
 * @throws ValidationError unless `precision` is symmetric positive definite and `mean` (default 0) fits it.
 */
export function gaussian({
  mean,
  precision,
}: {
  readonly mean?: readonly number[];
  readonly precision: Matrix;
}): AnalyticEnergy {
  const dimension = precision.length;
  const centre = mean ?? precision.map(() => 0);
  assertVector("mean", centre, dimension);
  const { inverse: covariance, logDeterminant } = inverse("precision", precision);
  return analytic("gaussian", {
    dimension,
    formula: (x) => halfSquare(tf.sub(x, tf.tensor1d([...centre])), precision),
    moments: { mean: centre, covariance },
    logPartition: (dimension * Math.log(2 * Math.PI) - logDeterminant) / 2,
  });
}

/**
 * E(x) = ½ xᵀ P x - cᵀ x: the density is N(P⁻¹c, P⁻¹), and log Z has the extra term ½ cᵀP⁻¹c.
 *
 * @throws ValidationError unless `precision` is symmetric positive definite and `linear` (default 0) fits it.
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
  const { inverse: covariance, logDeterminant } = inverse("precision", precision);
  const mean = multiply(covariance, c);
  return analytic("quadratic", {
    dimension,
    formula: (x) => tf.sub(halfSquare(x, precision), tf.sum(tf.mul(x, tf.tensor1d([...c])), [1])),
    moments: { mean, covariance },
    logPartition: (dimension * Math.log(2 * Math.PI) - logDeterminant + dot(c, mean)) / 2,
  });
}
