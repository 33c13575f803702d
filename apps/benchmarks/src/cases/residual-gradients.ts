/**
 * Gradients of a residual energy: with respect to its input, as in sampling, and to all weights, as
 * in learning.
 *
 * The network is a 3x3 stem to 64 channels, then h + conv(a(conv(a(h)))) four times with 3x3
 * convolutions of 64 channels, all without biases. Leaky units, a sum over all positions and a
 * dense head follow. a is the leaky unit of slope 0.2.
 */
import * as tf from "@tensorflow/tfjs-core";
import { compile, grad } from "@ergodic/engine";
import type { TensorTree } from "@ergodic/tensor";
import { milliseconds, repeatable, type Case, type Prepared } from "../case.js";
import { fixedInput, fixedWeights } from "../numbers.js";

const CHANNELS = 64;
const BLOCKS = 4;

const leaky = (x: tf.Tensor): tf.Tensor => tf.leakyRelu(x, 0.2);
const conv3x3 = (x: tf.Tensor, weight: tf.Tensor): tf.Tensor =>
  tf.conv2d(x as tf.Tensor4D, weight as tf.Tensor4D, 1, "same");

/**
 * Sum of the energies over the batch. Weights are the stem, two convolutions per block, and the
 * head.
 */
function totalEnergy(weights: readonly tf.Tensor[], images: tf.Tensor): tf.Tensor {
  let h = conv3x3(images, weights[0]!);
  for (let block = 0; block < BLOCKS; block++) {
    const inner = conv3x3(leaky(h), weights[1 + 2 * block]!);
    h = tf.add(h, conv3x3(leaky(inner), weights[2 + 2 * block]!));
  }
  return tf.sum(tf.matMul(tf.sum(leaky(h), [1, 2]), weights.at(-1)!));
}

function prepareWith(gradient: (weights: tf.Tensor[], images: tf.Tensor) => TensorTree): Prepared {
  const blocks = Array.from({ length: 2 * BLOCKS }, () => [3, 3, CHANNELS, CHANNELS]);
  const weights = fixedWeights([[3, 3, 3, CHANNELS], ...blocks, [CHANNELS, 1]]);
  const images = fixedInput(0, [16, 32, 32, 3], 1);
  const compiled = compile(gradient);
  return repeatable(() => compiled(weights, images));
}

export const residualGradient: Case = {
  name: "residual-gradient",
  title: "input gradient of 16x32x32x3, 3x3 stem to 64 channels, 4 residual blocks of 64",
  unit: milliseconds,
  engines: ["onnx", "tensorflow"],
  calls: 1,
  prepare: () =>
    Promise.resolve(prepareWith((weights, images) => grad((at: tf.Tensor) => totalEnergy(weights, at))(images))),
};

export const residualWeightGradients: Case = {
  name: "residual-weight-gradients",
  title: "gradients of all weights of the same",
  unit: milliseconds,
  engines: ["onnx", "tensorflow"],
  calls: 1,
  prepare: () => Promise.resolve(prepareWith((weights, images) => grad(totalEnergy)(weights, images))),
};
