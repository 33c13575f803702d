/** Image features by the FID Inception network, the main cost of evaluating 50,000 images. */
import * as tf from "@tensorflow/tfjs-core";
import { compile } from "@ergodic/engine";
import { inceptionConvolutions, inceptionNetwork, type InceptionParams } from "@ergodic/evaluation/networks";
import { repeatable, type Case } from "../case.js";
import { fixedInput, numbers } from "../numbers.js";

const IMAGES = 8;
const SIDE = 299;

/** He-uniform filters, which keep the scale of signals, and zero biases. */
function fixedParams(): InceptionParams {
  const convolutions = inceptionConvolutions.map(({ name, kernel, in: from, out }, t) => {
    const fan = from * kernel[0] * kernel[1];
    const weight = tf.tensor4d(numbers(t, fan * out, Math.sqrt(6 / fan)), [...kernel, from, out]);
    return [name, { weight, bias: tf.zeros([out]) as tf.Tensor1D }] as const;
  });
  return { convolutions: Object.fromEntries(convolutions), classifier: tf.zeros([2048, 1008]) };
}

export const inceptionFeatures: Case = {
  name: "inception-features",
  title: "FID Inception features of 8x299x299x3",
  unit: { label: "ms/image", perMillisecond: 1 / IMAGES },
  engines: ["onnx"],
  calls: 1,
  prepare() {
    const params = fixedParams();
    const images = tf.tidy(() => tf.add(tf.mul(fixedInput(0, [IMAGES, SIDE, SIDE, 3], 1), 128), 128));
    const features = compile((x: tf.Tensor) => inceptionNetwork(params, x as tf.Tensor4D).features);
    return Promise.resolve(repeatable(() => features(images)));
  },
};
