/** A model's samples as a stream of images. */
import type * as tf from "@tensorflow/tfjs-core";
import { random, type Key } from "@ergodic/tensor";
import type { ImageStream } from "../images/image-batch.js";
import { generatedImages } from "../images/streams.js";

/** `n` images `[n, height, width, channels]` in [-1, 1]; the same for the same key. */
export type SampleImages = (key: Key, n: number) => Promise<tf.Tensor>;

/** Samples in one call of the model. */
const atOnce = 100;

/**
 * A stream of `count` samples, made when the stream is read. The same key gives the same samples.
 *
 * Values outside [-1, 1] are clipped, as when an image is saved.
 */
export function modelSamples(
  sample: SampleImages,
  { count, key, description }: { readonly count: number; readonly key: Key; readonly description: string },
): ImageStream {
  return generatedImages({
    ...{ count, range: [-1, 1], clip: true, batchSize: Math.min(atOnce, count) },
    description: `${description}, cut to [-1, 1]`,
    async sample(size, index) {
      const images = await sample(random.fold(key, index), size);
      const values = await images.data<"float32">();
      images.dispose();
      return { values, shape: images.shape };
    },
  });
}
