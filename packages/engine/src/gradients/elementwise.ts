/** Rules of elementwise kernels, and of products. */
import * as tf from "@tensorflow/tfjs-core";
import { register, runKernel, sumTo } from "./rule.js";

/** TensorFlow.js forgets, here, that the smaller input was broadcast. */
function sumOverBroadcastAxes(kernelName: string): void {
  const rule = tf.getGradient(kernelName).gradFunc;
  register<tf.NamedAttrMap>(kernelName, ["a", "b"], (dy, [a, b], attrs) => {
    const gradients = rule(dy, [a!, b!], attrs);
    return { a: () => sumTo(gradients["a"]!(), a!.shape), b: () => sumTo(gradients["b"]!(), b!.shape) };
  });
}

/** `dy` where x > 0, else α dy. Linear in `dy` with the same function as its own gradient, which keeps recorded graphs small. */
function leakySlope(x: tf.Tensor, dy: tf.Tensor, alpha: number): tf.Tensor {
  const scaled = tf.customGrad((d) => ({
    value: tf.where(tf.greater(x, 0), d as tf.Tensor, tf.mul(d as tf.Tensor, alpha)),
    gradFunc: (dd: tf.Tensor) => leakySlope(x, dd, alpha),
  }));
  return scaled(dy);
}

export function registerElementwiseRules(): void {
  for (const kernel of ["Maximum", "Minimum", "SquaredDifference", "BatchMatMul"]) sumOverBroadcastAxes(kernel);

  register<tf.LeakyReluAttrs>("LeakyRelu", ["x"], (dy, [x], attrs) => ({ x: () => leakySlope(x!, dy, attrs.alpha) }));

  // The gradient of elu at y = elu(x): dy where y >= 0, else dy (y + 1).
  register("EluGrad", ["dy", "y"], (ddx, [dy, y]) => ({
    dy: () => runKernel("EluGrad", { dy: ddx, y: y! }, {}),
    y: () => tf.where(tf.greaterEqual(y!, 0), tf.zerosLike(y!), tf.mul(ddx, dy!)),
  }));
}
