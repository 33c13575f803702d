/** Helpers of the tests: sample moments of many chains, and comparison in standard errors. */
import type * as tf from "@tensorflow/tfjs-core";
import { expect, inject } from "vitest";

export const enginesOnThisMachine = ["cpu", "onnx"] as const;

/**
 * Where thousands of chains run. Short chains show that the eager engine moves them as the compiled
 * one does, so only `npm run test:all` waits for it.
 */
export const enginesOfLongRuns = inject("all") ? enginesOnThisMachine : (["onnx"] as const);

export const valuesOf = (tensor: tf.Tensor): number[] => [...tensor.dataSync()];

/** Sample mean and covariance of the rows of a `[chains, d]` tensor, in float64. */
export function momentsOf(positions: tf.Tensor): { chains: number; mean: number[]; covariance: number[][] } {
  const [chains, d] = positions.shape as [number, number];
  const values = positions.dataSync();
  const axes = Array.from({ length: d }, (_, i) => i);
  const mean = axes.map((i) => {
    let sum = 0;
    for (let n = 0; n < chains; n++) sum += values[n * d + i]!;
    return sum / chains;
  });
  const covariance = axes.map((i) =>
    axes.map((j) => {
      let sum = 0;
      for (let n = 0; n < chains; n++) sum += (values[n * d + i]! - mean[i]!) * (values[n * d + j]! - mean[j]!);
      return sum / (chains - 1);
    }),
  );
  return { chains, mean, covariance };
}

/**
 * Expects the moments of independent Gaussian chains to lie within 5 standard errors of the exact
 * ones.
 *
 * The standard errors are sqrt(C_ii/n) for a mean and sqrt((C_ii C_jj + C_ij²)/n) for a covariance.
 * One comparison is a false alarm for 6e-7 of all keys.
 */
export function expectGaussian(positions: tf.Tensor, exact: { mean: number[]; covariance: number[][] }): void {
  const { chains, mean, covariance } = momentsOf(positions);
  const within = (what: string, value: number, expected: number, standardError: number): void => {
    expect(Math.abs(value - expected) / standardError, `${what}: ${value}, exact ${expected}`).toBeLessThan(5);
  };
  const c = exact.covariance;
  exact.mean.forEach((expected, i) => within(`mean[${i}]`, mean[i]!, expected, Math.sqrt(c[i]![i]! / chains)));
  c.forEach((row, i) =>
    row.forEach((expected, j) => {
      const standardError = Math.sqrt((c[i]![i]! * c[j]![j]! + expected * expected) / chains);
      within(`covariance[${i}][${j}]`, covariance[i]![j]!, expected, standardError);
    }),
  );
}
