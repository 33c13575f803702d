/** The one shape every network has here: a function that makes parameters and a pure function that uses them. */
import type * as tf from "@tensorflow/tfjs-core";
import type { Key, TensorTree } from "@ergodic/tensor";
import type { Learning } from "./learning.js";

/**
 * A differentiable function with parameters.
 *
 * @typeParam P the tree of tensors that holds the parameters; the caller owns it.
 */
export interface Layer<P extends TensorTree = TensorTree, In = tf.Tensor, Out = tf.Tensor> {
  /** Fresh parameters; the same key gives the same numbers on every engine. */
  init(key: Key): P;
  /** The layer's value; `learning` is left out in evaluation. Pure: neither `params` nor `input` is changed or disposed. */
  apply(params: P, input: In, learning?: Learning): Out;
  /**
   * The parameters with their `$fixed` members moved on, given an input of learning; all other tensors are the same.
   * Only layers with members that move have it. Learners call it between updates, never inside a chain or a loss.
   */
  refresh?(params: P, input: In): P;
}

/** Parameters of an affine layer: `weight` is laid out as the layer says, `bias` is `[out]`. */
export type AffineParams = {
  readonly weight: tf.Tensor;
  readonly bias: tf.Tensor;
};

/** A layer that is affine in its input, and says along which axis of `weight` its outputs lie. */
export interface AffineLayer extends Layer<AffineParams> {
  readonly outputAxis: number;
}

/** Parameters of a layer that has none: a tree without leaves. */
export type NoParams = readonly never[];
