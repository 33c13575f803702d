/** The Euclidean norm of a whole gradient, and clipping by it. */
import * as tf from "@tensorflow/tfjs-core";
import { assertPositive, scaledLength, shortenedTo, trainedPart, withTrained, type TensorTree } from "@ergodic/tensor";

/**
 * The Euclidean norm of all numbers of the tree together, without those of `$fixed` members. 0 for
 * a tree without leaves.
 *
 * The norm is right wherever it is a float32 number itself, even where squares leave the range of
 * float32.
 */
export function globalNorm(values: TensorTree): tf.Scalar {
  const { scale, length } = scaledLength(trainedPart(values), 0);
  return tf.mul(scale, length);
}

/**
 * grads · min(1, maxNorm / ‖grads‖): the same direction, with a norm of at most `maxNorm`.
 *
 * A zero gradient stays zero. A finite gradient of any size is clipped, even where its norm is no
 * float32 number. `$fixed` members do not count and do not change.
 *
 * @throws ValidationError unless `maxNorm` is positive.
 */
export function clipByGlobalNorm<P extends TensorTree>(grads: P, maxNorm: number): P {
  assertPositive({ maxNorm });
  const given: TensorTree = trainedPart(grads as TensorTree);
  return withTrained(grads, shortenedTo(given, scaledLength(given, 0), maxNorm) as P);
}
