/** What the rules share. */
import * as tf from "@tensorflow/tfjs-core";

/** Gradients of a kernel's inputs by their names, worked out on demand. */
export type InputGradients<Name extends string = string> = Record<Name, () => tf.Tensor>;

/** Enters the rule of a kernel: from `dy`, the gradient of its result, and the inputs named by `saved`. */
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

/** Sums over the axes along which a tensor of `shape` was broadcast to that of `gradient`. */
export function sumTo(gradient: tf.Tensor, shape: number[]): tf.Tensor {
  const axes = tf.broadcast_util.getReductionAxes(shape, gradient.shape);
  return axes.length === 0 ? gradient : tf.reshape(tf.sum(gradient, axes), shape);
}
