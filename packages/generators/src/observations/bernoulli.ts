/** Binary observations. */
import * as tf from "@tensorflow/tfjs-core";
import { assertShape, random } from "@ergodic/tensor";
import type { ObservationModel } from "./observation.js";

/**
 * log p(x | y) = Σ x y - log(1 + e^y) with logits y. x and y are `[batch, ...]`, with x in [0, 1].
 *
 * - `decode` is 1 where y > 0, else 0.
 * - `error` is the share of entries of x that differ from it by more than one half.
 *
 * @throws ValidationError when x has another shape than y.
 */
export function bernoulli(): ObservationModel {
  const perExample = (values: tf.Tensor): tf.Tensor => tf.reshape(values, [values.shape[0]!, -1]);
  const decode = (y: tf.Tensor): tf.Tensor => tf.cast(tf.greater(y, 0), "float32");
  const check = (y: tf.Tensor, x: tf.Tensor): void =>
    assertShape("the observation", x, y.shape, "it is compared with what the generator makes");
  return {
    discrete: true,
    logDensity(y, x) {
      check(y, x);
      return tf.sum(perExample(tf.sub(tf.mul(x, y), tf.softplus(y))), 1);
    },
    decode,
    show: (x) => tf.sub(tf.mul(2, x), 1),
    sample: (y, key) => tf.cast(tf.less(random.uniform(key, y.shape), tf.sigmoid(y)), "float32"),
    error(y, x) {
      check(y, x);
      return tf.mean(perExample(tf.cast(tf.greater(tf.abs(tf.sub(x, decode(y))), 0.5), "float32")), 1);
    },
  };
}
