/**
 * Energies with a formula, whose moments and partition functions are known exactly, for testing
 * samplers.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assertPositiveInteger, assertShape } from "@ergodic/tensor";

export interface AnalyticEnergy {
  readonly dimension: number;
  /** E(x) for x `[batch, dimension]`, one number per row. Pure; keeps no tensor. */
  energy(x: tf.Tensor): tf.Tensor1D;
  /** Mean and covariance under exp(-E)/Z. */
  readonly moments: {
    readonly mean: readonly number[];
    readonly covariance: readonly (readonly number[])[];
  };
  /** log Z = log ∫ exp(-E(x)) dx. */
  readonly logPartition: number;
}

/** Wraps a formula: checks the shape of x and frees intermediate tensors. */
export function analytic(
  name: string,
  { formula, ...known }: Omit<AnalyticEnergy, "energy"> & { formula: (x: tf.Tensor2D) => tf.Tensor },
): AnalyticEnergy {
  assertPositiveInteger({ dimension: known.dimension });
  return {
    ...known,
    energy(x) {
      assertShape(`the input of ${name}`, x, [null, known.dimension], "one row per example");
      return tf.tidy(() => formula(x as tf.Tensor2D)) as tf.Tensor1D;
    },
  };
}

/**
 * (f x)²/2. The factor is applied first, so that the square leaves the range of float32 only where
 * the result does.
 */
export const halfSquare = (x: tf.Tensor, factor = 1): tf.Tensor => tf.square(tf.mul(x, factor * Math.SQRT1_2));

/** exp(x), kept in the range of float32, so that 0 · exp(x) is 0 for every x. */
export const boundedExp = (x: tf.Tensor): tf.Tensor => tf.exp(tf.minimum(x, 80));

/** The matrix with `diagonal` on its diagonal. */
export const diagonalMatrix = (diagonal: readonly number[]): number[][] =>
  diagonal.map((value, i) => diagonal.map((_, j) => (i === j ? value : 0)));
