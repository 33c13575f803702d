/** TensorFlow.js has one backend in use at a time; what needs another one borrows the place for as long as it runs. */
import * as tf from "@tensorflow/tfjs-core";
import { EngineError } from "./errors.js";

/** `tf.setBackend` acts at once for a backend that is already initialised; anything else would break the caller's synchrony. */
function switchTo(name: string): void {
  void tf.setBackend(name);
  if (tf.getBackend() !== name)
    throw new EngineError(`could not switch TensorFlow.js to the backend "${name}"; call useEngine() first.`);
}

/** Runs `job`, which must be synchronous, on a backend that is initialised, and goes back, also when `job` throws. */
export function onBackend<T>(name: string, job: () => T): T {
  const previous = tf.getBackend();
  if (previous === name) return job();
  switchTo(name);
  try {
    return job();
  } finally {
    switchTo(previous);
  }
}
