/** A compiled network as an extractor of features. */
import type { Pixels } from "@ergodic/data";
import { compile } from "@ergodic/engine";
import { assertInRange, assertPositiveInteger } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { assertImages, assertPixelRange, type PixelBatch } from "../images/image-batch.js";
import type { FeatureExtractor, FeatureProtocol } from "./extractor.js";

export interface Network {
  readonly dimensions: number;
  readonly classes: number;
  readonly protocol: FeatureProtocol;
  /** Images in one call. */
  readonly batchSize: number;
  /** Tensors that `apply` uses, disposed with the extractor. */
  readonly params: object;
  /** Height, width and channels of the network's input. */
  readonly input: readonly [number, number, number];
  /** Writes an image in the network's form into `target` from `at` on. */
  place(target: Float32Array, at: number, image: Pixels): void;
  /** Features `[batch, dimensions]` and logits `[batch, classes]` of `[batch, ...input]`. */
  apply(images: tf.Tensor4D): { readonly features: tf.Tensor2D; readonly logits: tf.Tensor2D };
}

/**
 * Compiles a network with its weights as constants.
 *
 * Every batch is filled up to one size, so one program serves all.
 */
export function networkExtractor({
  dimensions,
  classes,
  protocol,
  batchSize,
  params,
  input,
  place,
  apply,
}: Network): FeatureExtractor {
  assertPositiveInteger({ batchSize });
  const run = compile((images: tf.Tensor4D) => {
    const { features, logits } = apply(images);
    return { features, logits };
  });
  const size = input[0] * input[1] * input[2];
  return {
    dimensions,
    classes,
    batchSize,
    protocol,
    async extract(images) {
      const count = images.reduce((sum, part) => sum + part.count, 0);
      assertInRange({ "number of images": count }, { min: 1, max: batchSize }, `pass at most ${batchSize} in a call`);
      const pixels = new Float32Array(batchSize * size);
      eachImage(images, (image, i) => place(pixels, i * size, image));
      const batch = tf.tensor4d(pixels, [batchSize, ...input]);
      try {
        const outputs = await run(batch);
        const [features, logits] = await Promise.all(
          [outputs.features, outputs.logits].map((t) => t.data<"float32">()),
        );
        tf.dispose(outputs);
        return { features: features!.slice(0, count * dimensions), logits: logits!.slice(0, count * classes) };
      } finally {
        batch.dispose();
      }
    },
    async dispose() {
      await run.dispose();
      tf.dispose(params as never);
    },
  };
}

function eachImage(batches: readonly PixelBatch[], visit: (image: Pixels, index: number) => void): void {
  let index = 0;
  for (const batch of batches) {
    assertImages(batch);
    assertPixelRange(batch);
    const { pixels, count, height, width, channels } = batch;
    const size = height * width * channels;
    for (let i = 0; i < count; i++)
      visit({ values: pixels.subarray(i * size, (i + 1) * size), height, width, channels }, index++);
  }
}
