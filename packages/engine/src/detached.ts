/** Values that gradients treat as constants. */
import * as tf from "@tensorflow/tfjs-core";

/** f(x), or x itself, as a constant for every gradient around it. */
export const detached = (x: tf.Tensor, f: (x: tf.Tensor) => tf.Tensor = tf.clone): tf.Tensor =>
  tf.customGrad((value) => ({ value: f(value as tf.Tensor), gradFunc: () => tf.zerosLike(value as tf.Tensor) }))(x);
