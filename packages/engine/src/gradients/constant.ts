/** Tensors that gradients regard as constants. */
import * as tf from "@tensorflow/tfjs-core";

/** Name under which the tape lists a constant. */
export const CONSTANT = "Constant";

/** `x` itself, of which no gradient is taken. */
export const constant = <T extends tf.Tensor>(x: T): T =>
  tf.tidy(CONSTANT, () =>
    tf.customGrad((y) => ({ value: tf.clone(y as T), gradFunc: (dy: tf.Tensor) => tf.zerosLike(dy) }))(x),
  ) as T;
