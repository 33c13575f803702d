/** Data sets whose examples a function changes, such as the edges of images. */
import * as tf from "@tensorflow/tfjs-core";
import { randomAccess } from "./batching.js";
import type { IndexedDataset, IndexedSource } from "./dataset.js";
import type { ImageBatch } from "./images/dataset.js";

/** The batches of a source, each changed by `change`, which owns the batch that it is given. */
export function changed<B>(source: IndexedSource<B>, what: string, change: (batch: B) => B): IndexedSource<B> {
  return {
    async load(): Promise<IndexedDataset<B>> {
      const { description, size, take } = await source.load();
      return {
        description: `${what} of ${description}`,
        size,
        ...randomAccess(size, (indices) => change(take(indices))),
      };
    },
  };
}

/**
 * The images of a source, each batch changed by `change`. What else a batch holds stays.
 *
 * @param what what the images become, for the description: "edges" gives "edges of MNIST train".
 */
export const changedImages = <B extends ImageBatch>(
  source: IndexedSource<B>,
  what: string,
  change: (images: tf.Tensor4D) => tf.Tensor4D,
): IndexedSource<B> =>
  changed(source, what, (batch) => {
    const images = tf.tidy(() => change(batch.images));
    batch.images.dispose();
    return { ...batch, images };
  });

/**
 * The morphological gradient of images in [-1, 1], brought to [-1, 1]: the largest value in a
 * window of 3 x 3 less the smallest, minus 1 and at most 1. Even areas become -1.
 *
 * @param images [batch, height, width, channels]; each channel has its own edges
 */
export function edges(images: tf.Tensor4D): tf.Tensor4D {
  const dilated = tf.maxPool(images, 3, 1, "same");
  const eroded = tf.neg(tf.maxPool(tf.neg(images), 3, 1, "same"));
  return tf.minimum(tf.sub(tf.sub(dilated, eroded), 1), 1);
}
