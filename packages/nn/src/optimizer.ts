/** What an optimiser is: a pure map of trees of tensors, so that it can be compiled, saved and resumed like everything else. */
import * as tf from "@tensorflow/tfjs-core";
import { tree, type TensorTree } from "@ergodic/tensor";

/** @typeParam S the optimiser's state: a tree of tensors, the step counter included. */
export interface Optimizer<S extends TensorTree = TensorTree> {
  /** The state before the first update of `params`. */
  init(params: TensorTree): S;
  /** The next parameters and state, all new tensors; nothing given is changed or disposed. `grads` is a tree like `params`. */
  update<P extends TensorTree>(params: P, grads: P, state: S): { params: P; state: S };
}

/** Zeros for every leaf, as accumulators start. */
export const zerosLike = (params: TensorTree): TensorTree => tree.map((leaf) => tf.zerosLike(leaf), params);
