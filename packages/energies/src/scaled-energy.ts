/** An energy times a number. */
import { assertPositive, type TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { EnergyModel } from "./energy-model.js";

/**
 * E(x) = factor · E₀(x), with the parameters of E₀.
 *
 * Optimisers such as Adam move parameters by steps of a given size whatever the scale of the loss.
 * A factor lets the energy change faster, where its values must become large.
 *
 * @throws ValidationError unless `factor` is positive.
 */
export function scaledEnergy<P extends TensorTree, X extends TensorTree = tf.Tensor>(
  model: EnergyModel<P, X>,
  factor: number,
): EnergyModel<P, X> {
  assertPositive({ factor });
  return { ...model, energy: (params, x, learning) => tf.mul(factor, model.energy(params, x, learning)) };
}
