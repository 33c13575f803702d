/** The classifier of digits as an extractor of features. */
import type { Pixels } from "@ergodic/data";
import * as tf from "@tensorflow/tfjs-core";
import type { FeatureExtractor } from "../features/extractor.js";
import { networkExtractor } from "../features/network-extractor.js";
import { resizeInto } from "../images/resize.js";
import type { NamedTensors } from "../weights/arranged.js";
import { DIGIT_CLASSES, DIGIT_FEATURES, DIGIT_SIDE, lenet, lenetName } from "./network.js";
import { lenetParams } from "./params.js";

export interface LenetOptions {
  /** Images in one call of the network; default 100. Scores do not depend on it. */
  readonly batchSize?: number;
}

/**
 * A classifier of MNIST digits, compiled with its weights as constants.
 *
 * - Features are `[n, 84]`, all >= 0. Logits are `[n, 10]`.
 * - Pixels 0..255 become -1..1. Digits are light on a dark ground, as in MNIST.
 * - Images of 28 x 28 stay unchanged. Others are resized by antialiased bicubic interpolation
 *   ("clean").
 * - Colours become the luma `0.299 r + 0.587 g + 0.114 b`.
 *
 * @param sha256 SHA-256 of the weights file
 */
export function lenetExtractor(
  tensors: NamedTensors,
  sha256: string,
  { batchSize = 100 }: LenetOptions = {},
): FeatureExtractor {
  const params = lenetParams(tensors);
  return networkExtractor({
    dimensions: DIGIT_FEATURES,
    classes: DIGIT_CLASSES,
    batchSize,
    protocol: {
      network: lenetName,
      weights: sha256,
      features: `before the classifier, rectified, ${DIGIT_FEATURES}`,
      resize: "none at 28 x 28, else clean",
    },
    params,
    input: [DIGIT_SIDE, DIGIT_SIDE, 1],
    place: (target, at, image) => resizeInto(target, at, greyOf(image), { side: DIGIT_SIDE, protocol: "clean" }),
    apply: (images) => lenet(params, tf.sub(tf.div(images, 127.5), 1)),
  });
}

function greyOf(image: Pixels): Pixels {
  const { values, height, width, channels } = image;
  if (channels === 1) return image;
  const luma = Float32Array.from(
    { length: height * width },
    (_, i) => 0.299 * values[3 * i]! + 0.587 * values[3 * i + 1]! + 0.114 * values[3 * i + 2]!,
  );
  return { values: luma, height, width, channels: 1 };
}
