/** The shape of an energy network: parameters, and one number per example. */
import type * as tf from "@tensorflow/tfjs-core";
import type { Learning } from "@ergodic/nn";
import type { Key, TensorTree } from "@ergodic/tensor";

/** E(x; params), low where x is likely: p(x) ∝ exp(-E(x)). A paper's negative energy f is -E. */
export interface EnergyModel<P extends TensorTree = TensorTree, X extends TensorTree = tf.Tensor> {
  /** Fresh parameters; the same key gives the same numbers on every engine. */
  init(key: Key): P;
  /**
   * One energy per example, `[batch]`; also for a batch of 1.
   *
   * Learners pass `learning` in a loss. Chains, samples and scores leave it out.
   */
  energy(params: P, x: X, learning?: Learning): tf.Tensor1D;
  /**
   * The parameters with moved `$fixed` members, given examples that are learned from. All other
   * tensors are the same. Learners call it between updates, never inside a chain or a loss.
   */
  refresh?(params: P, x: X): P;
}
