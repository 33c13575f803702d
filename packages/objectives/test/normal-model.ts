/**
 * A normal distribution with independent entries as an energy model: every objective's answer is
 * known.
 */
import type { EnergyModel } from "@ergodic/energies";
import { random, type Key } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";

export type NormalParams = { readonly mean: tf.Tensor; readonly logPrecision: tf.Tensor; readonly constant: tf.Tensor };

/** E(x) = ½ Σ_d e^{λ_d} (x_d - μ_d)² + c, from μ = λ = c = 0. */
export const normalModel: EnergyModel<NormalParams> = {
  init: () => ({ mean: tf.zeros([2]), logPrecision: tf.zeros([2]), constant: tf.scalar(0) }),
  energy: ({ mean, logPrecision, constant }, x) =>
    tf.add(tf.mul(0.5, tf.sum(tf.mul(tf.exp(logPrecision), tf.square(tf.sub(x, mean))), 1)), constant) as tf.Tensor1D,
};

/** Parameters of N(mean, variance), normalised. */
export const normalParams = (mean: readonly number[], variance: readonly number[]): NormalParams => ({
  mean: tf.tensor1d([...mean]),
  logPrecision: tf.tensor1d(variance.map((v) => -Math.log(v))),
  constant: tf.scalar(0.5 * variance.reduce((sum, v) => sum + Math.log(2 * Math.PI * v), 0)),
});

export const truth = { mean: [0.7, -0.4], variance: [1.5, 0.5] } as const;

/** `n` draws of the truth. */
export const drawTruth = (key: Key, n: number): tf.Tensor =>
  tf.add(
    tf.mul(
      random.normal(key, [n, 2]),
      truth.variance.map((v) => Math.sqrt(v)),
    ),
    [...truth.mean],
  );

/** Mean and variance (divided by n) of the columns of `x [n, 2]`. */
export function momentsOf(x: tf.Tensor): { readonly mean: number[]; readonly variance: number[] } {
  const { mean, variance } = tf.moments(x, 0);
  return { mean: [...mean.dataSync()], variance: [...variance.dataSync()] };
}
