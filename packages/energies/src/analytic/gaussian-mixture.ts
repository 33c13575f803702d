/** A mixture of isotropic Gaussians. */
import * as tf from "@tensorflow/tfjs-core";
import { assertFinite, assertPositive, fail } from "@ergodic/tensor";
import { analytic, halfSquare, type AnalyticEnergy } from "./analytic-energy.js";
import { dot } from "@ergodic/linear-algebra";

export interface GaussianMixtureEnergyOptions {
  /** Centres of the components, one row each. */
  readonly means: readonly (readonly number[])[];
  /** Standard deviation of every component, or one per component. */
  readonly sd: number | readonly number[];
  /** Positive; normalised to sum 1. Default: equal. */
  readonly weights?: readonly number[];
}

/**
 * E(x) = -log Σ_k w_k N(x; μ_k, σ_k² I), so Z = 1.
 *
 * Mean Σ w_k μ_k, covariance Σ w_k (σ_k² I + μ_k μ_kᵀ) - mean meanᵀ.
 *
 * @throws ValidationError for no components, centres of unequal length, a list of another length,
 *   or a weight or sd that is not positive.
 */
export function gaussianMixtureEnergy({ means, sd, weights }: GaussianMixtureEnergyOptions): AnalyticEnergy {
  const count = means.length;
  const dimension = means[0]?.length ?? 0;
  if (count === 0 || dimension === 0)
    fail("means is empty", "at least one component in at least one dimension", "for example [[-1, 0], [1, 0]]");
  const sds = typeof sd === "number" ? means.map(() => sd) : sd;
  const given = weights ?? means.map(() => 1);
  if (sds.length !== count) fail(`sd has ${sds.length} entries`, `${count}, one per component`);
  if (given.length !== count) fail(`weights has ${given.length} entries`, `${count}, one per component`);
  means.forEach((mean, k) => {
    if (mean.length !== dimension) fail(`means[${k}] has ${mean.length} entries`, `${dimension} as means[0]`);
    mean.forEach((value, i) => assertFinite({ [`means[${k}][${i}]`]: value }));
    assertPositive({ [`sd[${k}]`]: sds[k], [`weights[${k}]`]: given[k] });
  });
  const total = given.reduce((sum, weight) => sum + weight, 0);
  const shares = given.map((weight) => weight / total);
  const column = (i: number): number[] => means.map((mean) => mean[i]!);
  const mean = means[0]!.map((_, i) => dot(shares, column(i)));
  const spread = dot(
    shares,
    sds.map((value) => value * value),
  );
  const covariance = mean.map((mi, i) =>
    mean.map((mj, j) => {
      const second = shares.reduce((sum, share, k) => sum + share * means[k]![i]! * means[k]![j]!, 0);
      return second - mi * mj + (i === j ? spread : 0);
    }),
  );
  const offsets = shares.map((share, k) => Math.log(share) - dimension * Math.log(sds[k]! * Math.sqrt(2 * Math.PI)));
  return analytic("gaussianMixture", {
    dimension,
    formula: (x) => {
      const centres = tf.tensor3d([means.map((row) => [...row])]);
      const inverses = tf.tensor3d(
        sds.map((value) => 1 / value),
        [1, count, 1],
      );
      const energies = tf.sum(halfSquare(tf.mul(tf.sub(tf.expandDims(x, 1), centres), inverses)), [2]);
      return tf.neg(tf.logSumExp(tf.sub(tf.tensor1d(offsets), energies), 1));
    },
    moments: { mean, covariance },
    logPartition: 0,
  });
}
