import * as tf from "@tensorflow/tfjs-core";

/**
 * `tf.tidy` for any result: disposes every tensor created inside `fn` that its result does not
 * hold.
 */
export const tidy = <T>(fn: () => T): T => tf.tidy(fn as () => tf.TensorContainer) as T;
