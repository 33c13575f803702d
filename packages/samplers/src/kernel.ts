/** What a Markov chain is here: a pure step over a state that holds a position, with whatever else the method remembers. */
import type * as tf from "@tensorflow/tfjs-core";
import type { Key, TensorTree } from "@ergodic/tensor";

/** The state of a kernel: the position, a tree of tensors whose first axis numbers the chains, and the method's own tensors. */
export type KernelState<X extends TensorTree> = { readonly position: X } & { readonly [name: string]: TensorTree };

/** What a step reports beside the new state: named tensors, most of them `[chains]`. */
export type KernelInfo = { readonly [name: string]: TensorTree };

/**
 * A family of independent Markov chains that advance together.
 *
 * Both functions are pure: nothing given is changed or disposed, and all randomness comes from `key`.
 */
export interface Kernel<
  X extends TensorTree = tf.Tensor,
  S extends KernelState<X> = KernelState<X>,
  I extends KernelInfo = KernelInfo,
> {
  init(position: X): S;
  step(state: S, key: Key): [S, I];
}
