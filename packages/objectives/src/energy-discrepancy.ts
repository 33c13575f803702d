/** Energy discrepancy: data against perturbed data, without chains and without scores. */
import type { Energy } from "@ergodic/samplers";
import { assertNonNegative, assertPositive, assertPositiveInteger, random, type Key } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { dataObjective } from "./objective.js";

export interface EnergyDiscrepancyOptions {
  /** t, the variance of the perturbation in each entry. */
  readonly time: number;
  /** M, negatives for each example. Default 16. */
  readonly negatives?: number;
  /** w, which keeps the logarithm bounded where all negatives have high energies. Default 1. */
  readonly stabilisation?: number;
}

/**
 * mean log( w/M + (1/M) Σ_j exp(E(x) - E(x + √t ξ + √t ξ_j)) ), with independent standard normal ξ
 * and ξ_j.
 *
 * Schröder et al., "Energy Discrepancies: A Score-Independent Loss for Energy-Based Models", arXiv
 * 2307.06431, equation 8. As t grows its gradient goes to that of maximum likelihood, as t shrinks
 * to that of score matching.
 */
export function energyDiscrepancyLoss(
  energy: Energy,
  x: tf.Tensor,
  { time, negatives = 16, stabilisation = 1, key }: EnergyDiscrepancyOptions & { readonly key: Key },
): tf.Tensor {
  const [batch, ...shape] = x.shape as [number, ...number[]];
  const sd = Math.sqrt(time);
  const [sharedKey, ownKey] = random.split(key) as [Key, Key];
  const shared = tf.add(x, random.normal(sharedKey, x.shape, { sd }));
  const own = random.normal(ownKey, [batch, negatives, ...shape], { sd });
  const perturbed = tf.reshape(tf.add(tf.expandDims(shared, 1), own), [batch * negatives, ...shape]);
  const differences = tf.sub(tf.expandDims(energy(x), 1), tf.reshape(energy(perturbed), [batch, negatives]));
  const terms =
    stabilisation === 0 ? differences : tf.concat([differences, tf.fill([batch, 1], Math.log(stabilisation))], 1);
  return tf.sub(tf.mean(tf.logSumExp(terms, 1)), Math.log(negatives));
}

/**
 * Learning by {@link energyDiscrepancyLoss}.
 *
 * @throws ValidationError unless `time` is positive, `negatives` a positive integer and
 *   `stabilisation` at least 0.
 */
export function energyDiscrepancy({ time, negatives = 16, stabilisation = 1 }: EnergyDiscrepancyOptions) {
  assertPositive({ time });
  assertPositiveInteger({ negatives });
  assertNonNegative({ stabilisation });
  return dataObjective((energy, x, key) => energyDiscrepancyLoss(energy, x, { time, negatives, stabilisation, key }));
}
