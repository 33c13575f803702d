import * as tf from "@tensorflow/tfjs-core";
import type { TypedArray } from "./graph.js";

/**
 * The numbers of a tensor in the typed array of its type.
 *
 * The plain backend does not convert the array when a cast loses nothing, so a float32 tensor may
 * hold an Int32Array.
 */
export const numbersOf = (tensor: tf.TensorInfo): TypedArray =>
  tf.util.toTypedArray(tf.engine().readSync(tensor.dataId) as TypedArray, tensor.dtype) as TypedArray;
