/** Helpers shared by the gradient rules. */
import * as tf from "@tensorflow/tfjs-core";

/** Gradients of a kernel's inputs by their names, computed on demand. */
export type InputGradients<Name extends string = string> = Record<Name, () => tf.Tensor>;

/**
 * Registers the rule of a kernel. It gets `dy`, the gradient of the result, and the inputs named by
 * `saved`.
 */
export function register<Attrs = Record<string, unknown>>(
  kernelName: string,
  saved: readonly string[],
  rule: (dy: tf.Tensor, saved: tf.Tensor[], attrs: Attrs) => InputGradients,
): void {
  tf.registerGradient({
    kernelName,
    inputsToSave: [...saved],
    gradFunc: (dy, inputs, attrs) => rule(dy as tf.Tensor, inputs, attrs as unknown as Attrs),
  });
}

/** Calls a kernel that no public operation of TensorFlow.js reaches. */
export const runKernel = (name: string, inputs: Record<string, tf.Tensor>, attrs: object): tf.Tensor =>
  tf.engine().runKernel(name, inputs, attrs as tf.NamedAttrMap);

/** Sums over the axes along which a tensor of `shape` was broadcast to the shape of `gradient`. */
export function sumTo(gradient: tf.Tensor, shape: number[]): tf.Tensor {
  const axes = tf.broadcast_util.getReductionAxes(shape, gradient.shape);
  return axes.length === 0 ? gradient : tf.reshape(tf.sum(gradient, axes), shape);
}
