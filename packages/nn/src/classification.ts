/** The loss and the score of classifiers. */
import * as tf from "@tensorflow/tfjs-core";

/**
 * Mean cross-entropy, `log sum_c exp(l_c) - l_label`, of logits `[batch, classes]` and labels int32
 * `[batch]`.
 */
export function crossEntropy(logits: tf.Tensor, labels: tf.Tensor): tf.Tensor {
  const wanted = tf.cast(tf.oneHot(labels as tf.Tensor1D, logits.shape[1]!), "float32");
  return tf.mean(tf.sub(tf.logSumExp(logits, 1), tf.sum(tf.mul(wanted, logits), 1)));
}

/** Share of examples whose largest logit is that of their label, a scalar. */
export const accuracy = (logits: tf.Tensor, labels: tf.Tensor): tf.Tensor =>
  tf.mean(tf.cast(tf.equal(tf.argMax(logits, 1), labels), "float32"));
