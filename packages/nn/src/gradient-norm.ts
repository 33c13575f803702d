/** The length of a whole gradient, and clipping by it. */
import * as tf from "@tensorflow/tfjs-core";
import { assertPositive, scaledLength, shortenedTo, type TensorTree } from "@ergodic/tensor";

/**
 * The Euclidean norm of all numbers of the tree together, a scalar; 0 for a tree without leaves. Squares may leave the range of float32:
 * the norm is right wherever it is a float32 number itself.
 */
export function globalNorm(values: TensorTree): tf.Scalar {
  const { scale, length } = scaledLength(values, 0);
  return tf.mul(scale, length);
}

/**
 * grads · min(1, maxNorm / ‖grads‖): the direction stays, the length is at most `maxNorm`. A zero gradient stays zero, and a finite one of
 * any size is clipped, even where its norm is no float32 number.
 *
 * @throws ValidationError unless `maxNorm` is positive.
 */
export function clipByGlobalNorm<P extends TensorTree>(grads: P, maxNorm: number): P {
  assertPositive({ maxNorm });
  return shortenedTo(grads, scaledLength(grads, 0), maxNorm);
}
