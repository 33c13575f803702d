/** Whether this machine has TensorFlow's native library; tests that need it are skipped, with the reason printed, where it is absent. */
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
