/**
 * TensorFlow.js has one current backend. Code that needs another one switches to it while it runs.
 */
import * as tf from "@tensorflow/tfjs-core";
import { EngineError } from "./errors.js";

/**
 * Switches the current backend.
 *
 * `tf.setBackend` switches synchronously only to a backend that is already initialised. Any other
 * backend would make the caller asynchronous.
 *
 * @throws EngineError when the switch did not happen.
 */
function switchTo(name: string): void {
  void tf.setBackend(name);
  if (tf.getBackend() !== name)
    throw new EngineError(`could not switch TensorFlow.js to the backend "${name}"; call useEngine() first.`);
}

/**
 * Runs the synchronous `job` on an initialised backend. The previous backend is restored, also when
 * `job` throws.
 */
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
