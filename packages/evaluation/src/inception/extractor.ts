/** The FID Inception network as an extractor of features. */
import type { Pixels } from "@ergodic/data";
import { assertOneOf } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { FeatureExtractor } from "../features/extractor.js";
import { networkExtractor } from "../features/network-extractor.js";
import { resizeInto, resizeProtocols, type ResizeProtocol } from "../images/resize.js";
import type { NamedTensors } from "../weights/arranged.js";
import { CLASSES, FEATURES, INPUT_SIDE } from "./layers.js";
import { inceptionNetwork, type InceptionOutputs } from "./network.js";
import { inceptionParams } from "./params.js";
import { inceptionFile } from "./published-file.js";

/**
 * Maps whose means are features, by their number. All but 2048 give other metrics with other
 * magnitudes.
 */
const taps = { 64: "pool_1", 192: "pool_2", 768: "Mixed_6e", [FEATURES]: "Mixed_7c" } as const;

export type InceptionFeatures = keyof typeof taps;

export interface InceptionOptions {
  /** "tf1", the standard, or "clean"; default "tf1". */
  readonly resize?: ResizeProtocol;
  /** Default 2048. */
  readonly features?: InceptionFeatures;
  /** Images in one call of the network; default 16. Scores do not depend on it. */
  readonly batchSize?: number;
}

/**
 * The FID Inception network, compiled with its weights as constants.
 *
 * Features are `[n, 2048]`, logits `[n, 1008]` without bias. Scores are FID, KID and Inception
 * Score only with the published weights. The hash of the weights is part of the protocol.
 *
 * @param sha256 SHA-256 of the weights file
 */
export function inceptionExtractor(
  tensors: NamedTensors,
  sha256: string,
  { resize = "tf1", features = FEATURES, batchSize = 16 }: InceptionOptions = {},
): FeatureExtractor {
  assertOneOf({ resize }, resizeProtocols);
  assertOneOf({ features }, Object.keys(taps).map(Number));
  const params = inceptionParams(tensors);
  return networkExtractor({
    dimensions: features,
    classes: CLASSES,
    batchSize,
    protocol: {
      network: sha256 === inceptionFile.sha256 ? "FID Inception (2015-12-05)" : "FID Inception, unofficial weights",
      weights: sha256,
      features: `${taps[features]}, mean over places, ${features}`,
      resize,
    },
    params,
    input: [INPUT_SIDE, INPUT_SIDE, 3],
    place: (target, at, image) => placeColour(target, at, image, resize),
    apply(images) {
      const outputs = inceptionNetwork(params, images);
      return { features: tapped(outputs, features), logits: outputs.logits };
    },
  });
}

function tapped({ features, maps }: InceptionOutputs, size: InceptionFeatures): tf.Tensor2D {
  return size === FEATURES ? features : (tf.mean(maps[taps[size]]!, [1, 2]) as tf.Tensor2D);
}

/** Resizes an image; a grey one becomes three equal channels. */
function placeColour(target: Float32Array, at: number, image: Pixels, protocol: ResizeProtocol): void {
  const how = { side: INPUT_SIDE, protocol };
  if (image.channels === 3) return resizeInto(target, at, image, how);
  const grey = new Float32Array(INPUT_SIDE * INPUT_SIDE);
  resizeInto(grey, 0, image, how);
  for (let i = 0; i < grey.length; i++) target.fill(grey[i]!, at + 3 * i, at + 3 * i + 3);
}
