/** Puts something in the place of a backend's own kernel. */
import * as tf from "@tensorflow/tfjs-core";

export type KernelFunc = tf.KernelConfig["kernelFunc"];

/** Lets `make` turn a backend's kernel into another; nothing happens where the backend has none. */
export function replaceKernel(kernelName: string, backendName: string, make: (own: KernelFunc) => KernelFunc): void {
  const kernel = tf.getKernel(kernelName, backendName);
  if (kernel === undefined) return;
  tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({ ...kernel, kernelFunc: make(kernel.kernelFunc) });
}
