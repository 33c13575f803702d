/** Replaces a kernel of a backend. */
import * as tf from "@tensorflow/tfjs-core";

export type KernelFunc = tf.KernelConfig["kernelFunc"];

/** Replaces a backend's kernel by `make(kernel)`. Does nothing if the backend lacks the kernel. */
export function replaceKernel(kernelName: string, backendName: string, make: (own: KernelFunc) => KernelFunc): void {
  const kernel = tf.getKernel(kernelName, backendName);
  if (kernel === undefined) return;
  tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({ ...kernel, kernelFunc: make(kernel.kernelFunc) });
}
