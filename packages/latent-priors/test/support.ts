/** Shared by the tests: the engines, small exact models, and float64 references. */
import * as tf from "@tensorflow/tfjs-core";
import type { EnergyModel } from "@ergodic/energies";
import { random } from "@ergodic/tensor";
import type { LatentGenerator } from "../src/index.js";

export const enginesOnThisMachine = ["cpu", "onnx"] as const;

/**
 * Two-sided 1e-6 quantile of the standard normal distribution: the width of statistical bounds in
 * standard errors.
 *
 * Keys are fixed, so a test that passes once passes always. The rate is the probability of a
 * failure with another key.
 */
export const sixSigma = 4.8916;

export const valuesOf = (tensor: tf.Tensor): number[] => [...tensor.dataSync()];

/** The largest difference of two lists. */
export function largestDifference(actual: readonly number[], expected: readonly number[]): number {
  if (actual.length !== expected.length) return Infinity;
  return Math.max(0, ...actual.map((value, i) => Math.abs(value - expected[i]!)));
}

/** The largest difference of two lists, relative to the largest entry of the second. */
export const relativeError = (actual: readonly number[], expected: readonly number[]): number =>
  largestDifference(actual, expected) / Math.max(...expected.map(Math.abs), 1e-30);

export type Linear = { readonly weight: tf.Tensor; readonly bias: tf.Tensor };

/** g(z) = W z + b with W `[outputs, d]`, as the formulas write it. */
export function linearGenerator(latentDimension: number, outputs: number): LatentGenerator<Linear> {
  return {
    latentDimension,
    init: (key) => ({ weight: random.normal(key, [outputs, latentDimension]), bias: tf.zeros([outputs]) }),
    apply: ({ weight, bias }, z) => tf.add(tf.matMul(z as tf.Tensor2D, weight as tf.Tensor2D, false, true), bias),
  };
}

/** g(z) = z, without parameters. */
export const identityGenerator: LatentGenerator<readonly never[]> = {
  latentDimension: 2,
  init: () => [],
  apply: (_, z) => z,
};

export type Quadratic = { readonly A: tf.Tensor; readonly c: tf.Tensor };

/** E(z) = ½ zᵀA z - cᵀz, with A `[d, d]` and c `[d]`. */
export function quadraticTilt(d: number): EnergyModel<Quadratic> {
  return {
    init: () => ({ A: tf.zeros([d, d]), c: tf.zeros([d]) }),
    energy({ A, c }, z) {
      const curved = tf.sum(tf.mul(z, tf.matMul(z as tf.Tensor2D, A as tf.Tensor2D)), 1);
      return tf.sub(tf.mul(0.5, curved), tf.sum(tf.mul(z, c), 1)) as tf.Tensor1D;
    },
  };
}

/** Mean and the covariance's upper triangle by rows of points `[n, d]`, in float64. */
export function moments(points: tf.Tensor): { mean: number[]; covariance: number[] } {
  const [n, d] = points.shape as [number, number];
  const x = points.dataSync();
  const mean = Array.from({ length: d }, (_, i) => sumOver(n, (k) => x[k * d + i]!) / n);
  const covariance: number[] = [];
  for (let i = 0; i < d; i++)
    for (let j = i; j < d; j++)
      covariance.push(sumOver(n, (k) => (x[k * d + i]! - mean[i]!) * (x[k * d + j]! - mean[j]!)) / (n - 1));
  return { mean, covariance };
}

export function sumOver(n: number, term: (i: number) => number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += term(i);
  return sum;
}

/** log Σ exp, in float64. */
export function logSumExp(values: ArrayLike<number>): number {
  let highest = -Infinity;
  for (let i = 0; i < values.length; i++) highest = Math.max(highest, values[i]!);
  return highest + Math.log(sumOver(values.length, (i) => Math.exp(values[i]! - highest)));
}
