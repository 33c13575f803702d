/**
 * The conditional energies of one set of transitions.
 *
 * With E(y, t) = network(y, t)/c_t, -log p(y_t | x_{t+1}) = E(y, t) + ρ_t |y - x_{t+1}|²/(2 σ²) +
 * const. Chains run on c_t times this sum, at temperature c_t: the energy of the network alone is
 * of moderate size at every level.
 *
 * Gao et al., arXiv 2012.08125, equations 7 and 8. The paper writes f = -network.
 */
import { grad } from "@ergodic/engine";
import type { ConditionalEnergy } from "@ergodic/energies";
import type { TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { along, entries, tether, type Levels } from "@ergodic/noising";

/** The transitions of a batch. */
export interface Far {
  /** x_{t+1}, `[batch, ...]`. */
  readonly far: tf.Tensor;
  /** t, int32 `[batch]`. */
  readonly transition: tf.Tensor1D;
}

/** Energies of y given x_{t+1}, each `[batch]`. */
export interface Conditional {
  /** The output of the network: -f of the paper. */
  network(y: tf.Tensor): tf.Tensor1D;
  /** network(y) + c_t ρ_t |y - x_{t+1}|²/(2 σ²). */
  scaled(y: tf.Tensor): tf.Tensor1D;
  /** c_t. */
  readonly scale: tf.Tensor1D;
}

/** E_net(y, t), `[batch]`, and E(y, t) = E_net(y, t)/c_t. */
export interface LevelEnergies<P extends TensorTree> {
  network(params: P, y: tf.Tensor, transition: tf.Tensor1D): tf.Tensor1D;
  energy(params: P, y: tf.Tensor, transition: tf.Tensor1D): tf.Tensor1D;
  /** ∇E(y, t), like y. */
  slope(params: P, y: tf.Tensor, transition: tf.Tensor1D): tf.Tensor;
  given(params: P, far: Far): Conditional;
}

export function levelEnergies<P extends TensorTree>(model: ConditionalEnergy<P>, levels: Levels): LevelEnergies<P> {
  const { scale, times, transitions } = levels;
  const network = (params: P, y: tf.Tensor, transition: tf.Tensor1D): tf.Tensor1D =>
    model.energy(params, y, entries(times, transition));
  return {
    network,
    energy: (params, y, transition) => tf.div(network(params, y, transition), entries(scale, transition)),
    slope(params, y, transition) {
      const summed = (at: tf.Tensor): tf.Tensor => tf.sum(network(params, at, transition));
      return tf.div(grad(summed)(y), along(scale, transition, y));
    },
    given(params, { far, transition }) {
      const pull = tether(transitions, far, transition);
      const scales = entries(scale, transition);
      const ofNetwork = (y: tf.Tensor): tf.Tensor1D => network(params, y, transition);
      return {
        network: ofNetwork,
        scaled: (y) => tf.add(ofNetwork(y), tf.mul(scales, pull(y))),
        scale: scales,
      };
    },
  };
}
