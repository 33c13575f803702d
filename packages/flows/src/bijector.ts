/** What a bijector is: an invertible, differentiable map with parameters, and the logarithm of its volume change both ways. */
import * as tf from "@tensorflow/tfjs-core";
import type { Key, TensorTree } from "@ergodic/tensor";

export interface Transformed {
  readonly value: tf.Tensor;
  /** log|det| of the Jacobian of the map that gave `value`, at its input: `[batch]`. */
  readonly logDet: tf.Tensor1D;
}

/**
 * An invertible map h of examples, the first axis being the batch. `forward` is h, from data towards noise; `inverse` is g = h⁻¹.
 *
 * In a compiled function that uses only `value` nothing of `logDet` is computed.
 */
export interface Bijector<P extends TensorTree = TensorTree> {
  /** Fresh parameters; the same key gives the same numbers on every engine. */
  init(key: Key): P;
  /** h(x), and log|det ∂h/∂x|. */
  forward(params: P, x: tf.Tensor): Transformed;
  /** g(z), and log|det ∂g/∂z| = -log|det ∂h/∂x| at x = g(z). */
  inverse(params: P, z: tf.Tensor): Transformed;
  /**
   * Parameters whose scales suit the batch `x`, for bijectors whose initialisation depends on data: to be called once, on fresh parameters.
   * Others do not have it.
   */
  calibrate?(params: P, x: tf.Tensor): P;
}

/** The sum over all axes but the first, `[batch]`. */
export const sumPerExample = (x: tf.Tensor): tf.Tensor1D => tf.sum(tf.reshape(x, [x.shape[0]!, -1]), 1);

/** One number for every example of the batch of `x`. */
export const perExample = (x: tf.Tensor, value: tf.Tensor | number): tf.Tensor1D =>
  tf.mul(value, tf.ones([x.shape[0]!])) as tf.Tensor1D;

/** How often a map of the last axis alone is applied in one example: 1 for vectors, height times width for images. */
export const positionsOf = (x: tf.Tensor): number => x.size / (x.shape[0]! * x.shape.at(-1)!);
