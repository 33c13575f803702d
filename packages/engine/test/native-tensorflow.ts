/**
 * Whether this machine has TensorFlow's native library. Without it, tests that need it are skipped
 * and the reason is printed.
 */
import { findBinding, type Binding } from "../src/tensorflow/binding.js";

function find(): Binding | undefined {
  try {
    return findBinding();
  } catch (error) {
    console.warn(`Not tested on the engine "tensorflow": ${(error as Error).message}`);
    return undefined;
  }
}

export const nativeTensorFlow = find();
