/** Images in, features out: the network as it is used. */
import { compile } from "@ergodic/engine";
import { assertInRange, assertOneOf, assertPositiveInteger } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { FeatureExtractor, ExtractedFeatures } from "../features/extractor.js";
import { assertImages, assertPixelRange, type ImageBatch } from "../images/image-batch.js";
import { readWeights } from "../weights/read-weights.js";
import { CLASSES, FEATURES, INPUT_SIDE } from "./layers.js";
import { inceptionNetwork, type InceptionOutputs } from "./network.js";
import { inceptionParams, type NamedTensors } from "./params.js";
import { inceptionFile } from "./published-file.js";
import { resizeInto, resizeProtocols, type ResizeProtocol } from "./resize.js";

/** Maps whose averages are offered as features, by their number; all but 2048 are other metrics with other magnitudes. */
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

/** The network with weights from a file, see {@link inceptionExtractor}. @throws ValidationError when the file is not what it should be */
export async function loadInception(path: string, options: InceptionOptions = {}): Promise<FeatureExtractor> {
  const { tensors, sha256 } = await readWeights(path);
  return inceptionExtractor(tensors, sha256, options);
}

/**
 * The FID Inception network, compiled with its weights as constants. Features `[n, 2048]`, logits `[n, 1008]` without bias.
 *
 * Only with the published weights, whose hash is part of the protocol, are its scores FID, KID and Inception Score.
 *
 * @param sha256 of the file the weights come from
 */
export function inceptionExtractor(
  tensors: NamedTensors,
  sha256: string,
  { resize = "tf1", features = FEATURES, batchSize = 16 }: InceptionOptions = {},
): FeatureExtractor {
  assertOneOf({ resize }, resizeProtocols);
  assertOneOf({ features }, Object.keys(taps).map(Number));
  assertPositiveInteger({ batchSize });
  const params = inceptionParams(tensors);
  const run = compile((images: tf.Tensor4D) => {
    const outputs = inceptionNetwork(params, images);
    return { features: tapped(outputs, features), logits: outputs.logits };
  });
  return {
    dimensions: features,
    classes: CLASSES,
    batchSize,
    protocol: {
      network: sha256 === inceptionFile.sha256 ? "FID Inception (2015-12-05)" : "FID Inception, unofficial weights",
      weights: sha256,
      features: `${taps[features]}, mean over places, ${features}`,
      resize,
    },
    async extract(images) {
      const count = images.reduce((sum, part) => sum + part.count, 0);
      assertInRange({ "number of images": count }, { min: 1, max: batchSize }, `pass at most ${batchSize} in a call`);
      const input = tf.tidy(() =>
        tf.tensor4d(prepared(images, resize, batchSize), [batchSize, INPUT_SIDE, INPUT_SIDE, 3]),
      );
      try {
        const outputs = await run(input);
        const [found, logits] = await Promise.all([outputs.features, outputs.logits].map((t) => t.data<"float32">()));
        tf.dispose(outputs);
        return {
          features: found!.slice(0, count * features),
          logits: logits!.slice(0, count * CLASSES),
        } satisfies ExtractedFeatures;
      } finally {
        input.dispose();
      }
    },
    async dispose() {
      await run.dispose();
      tf.dispose(params as never);
    },
  };
}

function tapped({ features, maps }: InceptionOutputs, size: InceptionFeatures): tf.Tensor2D {
  return size === FEATURES ? features : (tf.mean(maps[taps[size]]!, [1, 2]) as tf.Tensor2D);
}

/** All images resized, grey ones as three equal channels, zeros up to a whole batch. */
function prepared(images: readonly ImageBatch[], resize: ResizeProtocol, batchSize: number): Float32Array {
  const area = INPUT_SIDE * INPUT_SIDE;
  const out = new Float32Array(batchSize * area * 3);
  const grey = new Float32Array(area);
  let at = 0;
  for (const batch of images) {
    assertImages(batch);
    assertPixelRange(batch);
    const { pixels, count, height, width, channels } = batch;
    const size = height * width * channels;
    for (let i = 0; i < count; i++, at += area * 3) {
      const image = { values: pixels.subarray(i * size, (i + 1) * size), height, width, channels };
      resizeInto(channels === 3 ? out : grey, channels === 3 ? at : 0, image, resize);
      if (channels === 1) for (let j = 0; j < area; j++) out.fill(grey[j]!, at + 3 * j, at + 3 * j + 3);
    }
  }
  return out;
}
