/** An energy of pairs, as an energy of one of the pair given the other. */
import * as tf from "@tensorflow/tfjs-core";
import type { TensorTree } from "@ergodic/tensor";
import type { ConditionalEnergy } from "./conditional-energy.js";
import type { EnergyModel } from "./energy-model.js";

/**
 * E(x; c) = E([x, c]), with x and c side by side on the last axis: the channels of images, the
 * coordinates of points.
 *
 * x `[batch, ..., a]`, condition `[batch, ..., b]`, energies `[batch]`. The model takes
 * `[batch, ..., a + b]`.
 */
export function pairEnergy<P extends TensorTree>(model: EnergyModel<P>): ConditionalEnergy<P> {
  const { init, energy, refresh } = model;
  const beside = (x: tf.Tensor, condition: tf.Tensor): tf.Tensor => tf.concat([x, condition], -1);
  return {
    init: (key) => init(key),
    energy: (params, x, condition, learning) => energy(params, beside(x, condition), learning),
    ...(refresh && {
      refresh: (params: P, x: tf.Tensor, condition: tf.Tensor) => refresh(params, beside(x, condition)),
    }),
  };
}
