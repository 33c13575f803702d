/**
 * Bijectors: invertible, differentiable maps with parameters and log-determinants in both
 * directions.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Key, TensorTree } from "@ergodic/tensor";

export interface Transformed {
  readonly value: tf.Tensor;
  /** log|det| of the Jacobian of the map that gave `value`, at its input: `[batch]`. */
  readonly logDet: tf.Tensor1D;
}

/**
 * An invertible map h of examples. The first axis is the batch.
 *
 * `forward` is h, from data to noise. `inverse` is g = h⁻¹.
 * A compiled function that uses only `value` computes nothing of `logDet`.
 */
export interface Bijector<P extends TensorTree = TensorTree> {
  /** Fresh parameters. The same key gives the same numbers on every engine. */
  init(key: Key): P;
  /** h(x), and log|det ∂h/∂x|. */
  forward(params: P, x: tf.Tensor): Transformed;
  /** g(z), and log|det ∂g/∂z| = -log|det ∂h/∂x| at x = g(z). */
  inverse(params: P, z: tf.Tensor): Transformed;
  /**
   * Parameters with scales that suit the batch `x`.
   *
   * Only bijectors with data-dependent initialisation have this function. Call it once, on fresh
   * parameters.
   */
  calibrate?(params: P, x: tf.Tensor): P;
  /**
   * The same parameters with what every `inverse` derives from them alone, such as the inverse of a
   * matrix, in `$fixed` members. Many calls with them compute it once.
   *
   * They are for gradients with respect to z, not to parameters. Only some bijectors have this
   * function.
   */
  prepared?(params: P): P;
  /**
   * How a chain computes, for all bijectors of one kind at once, what `forward` needs of parameters
   * alone.
   */
  readonly together?: Together<P>;
}

export interface Together<P extends TensorTree = TensorTree> {
  /** Bijectors of equal kinds have parameters of the same shapes. */
  readonly kind: string;
  /**
   * Parameters for `forward` with what it needs. Gradients with respect to the given ones pass
   * through.
   */
  derived(params: readonly P[]): readonly P[];
}

/** The result of a map whose log-determinant is computed when it is first read. */
export function transformed(value: tf.Tensor, logDet: () => tf.Tensor1D): Transformed {
  let known: tf.Tensor1D | undefined;
  return {
    value,
    get logDet() {
      return (known ??= logDet());
    },
  };
}

/** The sum over all axes but the first, `[batch]`. */
export const sumPerExample = (x: tf.Tensor): tf.Tensor1D => tf.sum(tf.reshape(x, [x.shape[0]!, -1]), 1);

/** Broadcasts a value to one number per example of `x`, `[batch]`. */
export const perExample = (x: tf.Tensor, value: tf.Tensor | number): tf.Tensor1D =>
  tf.mul(value, tf.ones([x.shape[0]!])) as tf.Tensor1D;

/**
 * Positions per example at which a map of the last axis is applied: 1 for vectors, height times
 * width for images.
 */
export const positionsOf = (x: tf.Tensor): number => x.size / (x.shape[0]! * x.shape.at(-1)!);
