/**
 * The gradient of a convolutional energy with respect to its input: the inner loop of sampling in
 * image space.
 */
import * as tf from "@tensorflow/tfjs-core";
import { compile, grad } from "@ergodic/engine";
import { convEnergy } from "@ergodic/energies";
import { random, type TensorTree } from "@ergodic/tensor";
import { milliseconds, repeatable, type Case } from "../case.js";
import { fixedInput, fixedLike } from "../numbers.js";

export const convGradient: Case = {
  name: "conv-gradient",
  title: "conv energy, input gradient of 64x28x28x1, 3x3x32, 4x4/2x64, 4x4/2x128, dense",
  unit: milliseconds,
  engines: ["onnx", "tensorflow", "cpu"],
  calls: 3,
  prepare() {
    const energy = convEnergy({
      imageShape: [28, 28, 1],
      widths: [32, 64, 128],
      kernels: [3, 4, 4],
      strides: [1, 2, 2],
    });
    const params = fixedLike(energy.init(random.key(0)));
    const images = fixedInput(0, [64, 28, 28, 1], 1);
    const gradient = compile((weights: readonly TensorTree[], x: tf.Tensor) =>
      grad((at: tf.Tensor) => tf.sum(energy.energy(weights, at)))(x),
    );
    return Promise.resolve(repeatable(() => gradient(params, images)));
  },
};
