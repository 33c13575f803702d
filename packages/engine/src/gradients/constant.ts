/** Tensors that gradients treat as constants. */
import * as tf from "@tensorflow/tfjs-core";

/** The name of a constant on the tape. */
export const CONSTANT = "Constant";

/** `x` itself. No gradient is taken with respect to it. */
export const constant = <T extends tf.Tensor>(x: T): T =>
  tf.tidy(CONSTANT, () =>
    tf.customGrad((y) => ({ value: tf.clone(y as T), gradFunc: (dy: tf.Tensor) => tf.zerosLike(dy) }))(x),
  ) as T;
