/** Updates that something not finite must not spoil. */
import * as tf from "@tensorflow/tfjs-core";
import { tree, type TensorTree } from "@ergodic/tensor";
import type { Optimizer } from "./optimizer.js";

/**
 * The next parameters and state where `sound`, a scalar of bools, is true, else those given: parameters and counters stay as they were. All are
 * new tensors.
 */
export function soundUpdate<P extends TensorTree>(
  optimizer: Optimizer,
  { params, grads, state, sound }: { params: P; grads: P; state: TensorTree; sound: tf.Tensor },
): { params: P; state: TensorTree } {
  const next = optimizer.update(params, grads, state);
  const kept = (fresh: tf.Tensor, old: tf.Tensor): tf.Tensor => tf.where(sound, fresh, old);
  return { params: tree.zip(kept, next.params as TensorTree, params) as P, state: tree.zip(kept, next.state, state) };
}
