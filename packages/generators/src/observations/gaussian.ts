/** Normal observation noise of one standard deviation. */
import * as tf from "@tensorflow/tfjs-core";
import { assertPositive, assertShape, random } from "@ergodic/tensor";
import type { ObservationModel } from "./observation.js";

/**
 * x = y + σ ε, so log p(x | y) = -|x - y|²/(2σ²) - (n/2) log(2πσ²) with n entries per example. x
 * and y are `[batch, ...]`.
 *
 * - `decode` is y itself.
 * - `error` is the mean squared error.
 *
 * @throws ValidationError unless σ is positive, and when x has another shape than y.
 */
export function gaussian({ sigma }: { readonly sigma: number }): ObservationModel {
  assertPositive({ sigma });
  const squares = (y: tf.Tensor, x: tf.Tensor): tf.Tensor => {
    assertShape("the observation", x, y.shape, "it is compared with what the generator makes");
    return tf.sum(tf.square(tf.reshape(tf.sub(x, y), [x.shape[0]!, -1])), 1);
  };
  const entries = (y: tf.Tensor): number => y.size / y.shape[0]!;
  return {
    logDensity: (y, x) =>
      tf.sub(
        tf.mul(-1 / (2 * sigma * sigma), squares(y, x)),
        (entries(y) / 2) * Math.log(2 * Math.PI * sigma * sigma),
      ) as tf.Tensor1D,
    decode: (y) => tf.clone(y),
    sample: (y, key) => tf.add(y, tf.mul(sigma, random.normal(key, y.shape))),
    error: (y, x) => tf.div(squares(y, x), entries(y)),
  };
}
