import * as tf from "@tensorflow/tfjs-core";

/** `tf.tidy` for any result: disposes every tensor made inside `fn` that is not somewhere in what it returns. */
export const tidy = <T>(fn: () => T): T => tf.tidy(fn as () => tf.TensorContainer) as T;
