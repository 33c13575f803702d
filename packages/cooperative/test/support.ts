/** Small networks whose gradients are known, and numbers of trees. */
import type { EnergyModel } from "@ergodic/energies";
import { tree, type TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";

export const valuesOf = (tensor: tf.Tensor): number[] => [...tensor.dataSync()];

export const numbersOf = (state: TensorTree): number[] => tree.leaves(state).flatMap(valuesOf);

/** E(x) = θ · x of points in the plane. Its gradient is θ everywhere, and ∂E/∂θ is x. */
export const linearEnergy = (theta: readonly [number, number]): EnergyModel<{ readonly theta: tf.Tensor }> => ({
  init: () => ({ theta: tf.tensor1d([...theta]) }),
  energy: (params, x) => tf.sum(tf.mul(x, params.theta), 1),
});

/** Largest difference of two lists of equal length. */
export function difference(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length) throw new Error(`${a.length} numbers against ${b.length}`);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}
