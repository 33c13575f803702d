/** Sums over everything but the first axis: `[batch, ...]` to `[batch]`. */
import * as tf from "@tensorflow/tfjs-core";

export const sumPerExample = (values: tf.Tensor): tf.Tensor1D =>
  tf.sum(tf.reshape(values, [values.shape[0]!, -1]), 1) as tf.Tensor1D;
