/** Errors between tensors, as scalars. */
import * as tf from "@tensorflow/tfjs-core";

/** mean |a - b|. */
export const absoluteError = (a: tf.Tensor, b: tf.Tensor): tf.Tensor => tf.mean(tf.abs(tf.sub(a, b)));

/** mean (a - b)². */
export const squaredError = (a: tf.Tensor, b: tf.Tensor): tf.Tensor => tf.mean(tf.square(tf.sub(a, b)));

export const errorOf = { absolute: absoluteError, squared: squaredError } as const;

/** The mean of channels, `[n, pixels]`, less its mean over pixels. */
function contrast(images: tf.Tensor): tf.Tensor {
  const grey = tf.reshape(tf.mean(images, -1), [images.shape[0]!, -1]);
  return tf.sub(grey, tf.mean(grey, 1, true));
}

/**
 * The mean correlation of the brightness of images with that of their translations, from -1 to 1.
 * It is negative for translations that are negatives.
 */
export function brightnessCorrelation(images: tf.Tensor, translations: tf.Tensor): tf.Tensor {
  const [a, b] = [contrast(images), contrast(translations)];
  const norms = tf.sqrt(tf.mul(tf.sum(tf.square(a), 1), tf.sum(tf.square(b), 1)));
  return tf.mean(tf.div(tf.sum(tf.mul(a, b), 1), tf.maximum(norms, 1e-12)));
}
