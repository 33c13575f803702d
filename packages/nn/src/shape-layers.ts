/** Layers that change the shape of each example and keep the batch axis. */
import * as tf from "@tensorflow/tfjs-core";
import { assertPositiveInteger, fail } from "@ergodic/tensor";
import { pointwise, type ActivationLayer } from "./activations.js";

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/**
 * Gives each example the shape `shape`. Input `[batch, ...]`, output `[batch, ...shape]`.
 *
 * @throws ValidationError when a size is not a positive integer or an example has another number of
 *   values.
 */
export function reshape(shape: readonly number[]): ActivationLayer {
  shape.forEach((size, axis) => assertPositiveInteger({ [`shape[${axis}]`]: size }));
  return pointwise((input) => {
    const [batch, ...example] = input.shape;
    if (batch === undefined || sizeOf(example) !== sizeOf(shape)) {
      fail(
        `the input of reshape has shape [${input.shape.join(",")}]`,
        `[batch,...] with ${sizeOf(shape)} values per example`,
        `they become [batch,${shape.join(",")}]`,
      );
    }
    return tf.reshape(input, [batch, ...shape]);
  });
}

/** Turns `[batch, ...]` into `[batch, features]`. */
export const flatten = (): ActivationLayer =>
  pointwise((input) => {
    const [batch, ...example] = input.shape;
    if (batch === undefined) {
      fail("the input of flatten is a scalar", "[batch,...]", "put the examples on the first axis");
    }
    return tf.reshape(input, [batch, sizeOf(example)]);
  });
