/** The loss of energies learned by chains. */
import type { EnergyModel } from "@ergodic/energies";
import { assertNonNegative, random, type TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { Loss, UpdateInput } from "../objective.js";

export interface ContrastOptions {
  /** λ, the weight of the penalty on squared energies; it keeps their size bounded. Default 0. */
  readonly penalty?: number;
}

/**
 * mean E(x⁺) - mean E(x⁻) + λ (mean E(x⁺)² + mean E(x⁻)²), with energies `[batch]` of data x⁺ and
 * of negatives x⁻.
 *
 * Where negatives are draws of the model, its gradient at λ = 0 is that of the negative
 * log-likelihood. The penalty is that of Du and Mordatch, arXiv 1903.08689, section 3.2.
 */
export function contrast(positive: tf.Tensor, negative: tf.Tensor, { penalty = 0 }: ContrastOptions = {}): tf.Tensor {
  const difference = tf.sub(tf.mean(positive), tf.mean(negative));
  if (penalty === 0) return difference;
  const squares = tf.add(tf.mean(tf.square(positive)), tf.mean(tf.square(negative)));
  return tf.add(difference, tf.mul(penalty, squares));
}

/** @throws ValidationError for a negative penalty. */
export function assertContrast({ penalty = 0 }: ContrastOptions): void {
  assertNonNegative({ penalty });
}

/** {@link contrast} as the loss of an update. */
export function contrastLoss<P extends TensorTree>(
  model: EnergyModel<P>,
  { positives, negatives }: { readonly positives: tf.Tensor; readonly negatives: tf.Tensor },
  { key }: Pick<UpdateInput<P, TensorTree>, "key">,
  options: ContrastOptions,
): Loss<P> {
  return (params) => {
    const positive = model.energy(params, positives, { key: random.fold(key, 0) });
    const negative = model.energy(params, negatives, { key: random.fold(key, 1) });
    const metrics = { energyPositive: tf.mean(positive), energyNegative: tf.mean(negative) };
    const gap = tf.sub(metrics.energyPositive, metrics.energyNegative);
    return [contrast(positive, negative, options), { ...metrics, energyGap: gap }];
  };
}
