/** The one shape every network has here: a function that makes parameters and a pure function that uses them. */
import type * as tf from "@tensorflow/tfjs-core";
import type { Key, TensorTree } from "@ergodic/tensor";

/**
 * A differentiable function with parameters.
 *
 * @typeParam P the tree of tensors that holds the parameters; the caller owns it.
 */
export interface Layer<P extends TensorTree = TensorTree, In = tf.Tensor, Out = tf.Tensor> {
  /** Fresh parameters; the same key gives the same numbers on every engine. */
  init(key: Key): P;
  /** The layer's value. Pure: neither `params` nor `input` is changed or disposed. */
  apply(params: P, input: In): Out;
}

/** Parameters of an affine layer: `weight` is laid out as the layer says, `bias` is `[out]`. */
export type AffineParams = {
  readonly weight: tf.Tensor;
  readonly bias: tf.Tensor;
};

/** Parameters of a layer that has none: a tree without leaves. */
export type NoParams = readonly never[];
