/**
 * Exponential tilting: p(x) = exp(-E(x)) q(x)/Z with Z = E_q[exp(-E)].
 *
 * q is the law of x = g(z), z ~ N(0, I). In noise the volume of g cancels: p(z) = exp(-E(g(z)))
 * N(z; 0, I)/Z with the same Z.
 *
 * Sampling in noise needs only g and its derivative, no inverse and no determinant. The target is a
 * Gaussian, perturbed only by the variation of E.
 *
 * Nijkamp et al., "MCMC should mix", arXiv 2006.06897. The paper's f is -E.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { EnergyModel } from "@ergodic/energies";
import { standardLogDensity } from "@ergodic/flows";
import { random, type Key, type TensorTree } from "@ergodic/tensor";
import type { Energy } from "@ergodic/samplers";
import type { TransportBackbone } from "./backbone.js";

export type TiltedParams<B extends TensorTree, E extends TensorTree> = { readonly backbone: B; readonly energy: E };

export interface Tilted<B extends TensorTree, E extends TensorTree> {
  readonly backbone: TransportBackbone<B>;
  readonly energy: EnergyModel<E>;
  /** Parameters for many energies with the same numbers; see {@link TransportBackbone.prepared}. */
  prepared(params: TiltedParams<B, E>): TiltedParams<B, E>;
  /** E(g(z)), `[batch]`. */
  tilt(params: TiltedParams<B, E>): Energy;
  /** U(z) = ½‖z‖² + E(g(z)), `[batch]`. */
  latentEnergy(params: TiltedParams<B, E>): Energy;
  /** Energy of examples: E(x) - log q(x), `[batch]`. Present only if the backbone has a density. */
  dataEnergy?(params: TiltedParams<B, E>): Energy;
}

/**
 * N(0, I) as an annealing endpoint: normalised, so its log Z is 0.
 *
 * Its energy is -log N(z; 0, I). The log Z of a tilted endpoint is then the log Z of the model.
 */
export const noiseEndpoint = (dimension: number) => ({
  energy: (z: tf.Tensor) => tf.neg(standardLogDensity(z)) as tf.Tensor1D,
  sample: (key: Key, n: number): tf.Tensor => random.normal(key, [n, dimension]),
});

export function tilted<B extends TensorTree, E extends TensorTree>(
  backbone: TransportBackbone<B>,
  energy: EnergyModel<E>,
): Tilted<B, E> {
  const tilt = (params: TiltedParams<B, E>) => (z: tf.Tensor) =>
    energy.energy(params.energy, backbone.decode(params.backbone, z));
  const { logDensity } = backbone;
  return {
    backbone,
    energy,
    prepared: (params) => ({ ...params, backbone: backbone.prepared?.(params.backbone) ?? params.backbone }),
    tilt,
    latentEnergy(params) {
      const ofExample = tilt(params);
      return (z) => tf.add(tf.mul(0.5, tf.sum(tf.square(z), 1)), ofExample(z));
    },
    ...(logDensity && {
      dataEnergy: (params: TiltedParams<B, E>) => (x: tf.Tensor) =>
        tf.sub(energy.energy(params.energy, x), logDensity(params.backbone, x)) as tf.Tensor1D,
    }),
  };
}
