/**
 * The shape of every network: a function that makes parameters and a pure function that uses them.
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { Key, TensorTree } from "@ergodic/tensor";
import type { Learning } from "./learning.js";

/**
 * A differentiable function with parameters.
 *
 * @typeParam P the tree of tensors that holds the parameters. The caller owns it.
 */
export interface Layer<P extends TensorTree = TensorTree, In = tf.Tensor, Out = tf.Tensor> {
  /** Fresh parameters; the same key gives the same numbers on every engine. */
  init(key: Key): P;
  /**
   * The layer's value. `learning` is left out in evaluation. Neither `params` nor `input` is
   * changed or disposed.
   */
  apply(params: P, input: In, learning?: Learning): Out;
  /**
   * The parameters with updated `$fixed` members, given an input that is learned from. All other
   * tensors are the same.
   *
   * Only layers with such members have it. Learners call it between updates, never inside a chain
   * or a loss.
   */
  refresh?(params: P, input: In): P;
}

/** Parameters of an affine layer. The layer defines the layout of `weight`. `bias` is `[out]`. */
export type AffineParams = {
  readonly weight: tf.Tensor;
  readonly bias: tf.Tensor;
};

/**
 * A layer that is affine in its input. `outputAxis` is the axis of `weight` along which the outputs
 * lie.
 */
export interface AffineLayer extends Layer<AffineParams> {
  readonly outputAxis: number;
}

/** Parameters of a layer without any: a tree without leaves. */
export type NoParams = readonly never[];
