/**
 * Random flips and shifts of images.
 *
 * The change of a batch depends on the key of the batches and the number of the iteration alone, so
 * a resumed run sees the same images as a run without interruption.
 */
import { assertNonNegativeInteger, fail, random, type Key } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { IndexedDataset, IndexedSource } from "./dataset.js";
import type { ImageBatch } from "./images/dataset.js";

export type Augmentation = {
  /**
   * Mirrors left and right with probability 1/2. It does not suit digits and letters. Default
   * false.
   */
  readonly flip?: boolean;
  /**
   * Shifts by up to this many pixels along each side. All whole shifts are equally likely, and the
   * border is mirrored. Default 0.
   */
  readonly crop?: number;
};

function assertAugmentation({ flip = false, crop = 0 }: Augmentation): void {
  assertNonNegativeInteger({ crop });
  if (!flip && crop === 0) fail("flip and crop are both off", "at least one of them", "leave `augmented` out");
}

/**
 * Flips and shifts each image on its own.
 *
 * A shift by d is a crop of the image padded by its mirror image, without repeating the border, as
 * by PyTorch's `Pad(crop, padding_mode="reflect")` and `RandomCrop`.
 *
 * @param images [batch, height, width, channels]
 * @throws ValidationError if the crop is not smaller than the image
 */
export function augmentImages(images: tf.Tensor4D, key: Key, { flip = false, crop = 0 }: Augmentation): tf.Tensor4D {
  const [count, height, width, channels] = images.shape;
  if (crop >= Math.min(height, width))
    fail(`crop is ${crop}`, `less than the sides ${height} and ${width} of the images`, "choose a smaller shift");
  const [flips, downs, rights] = random.split(key, 3) as [Key, Key, Key];
  const mirrored = flip ? random.host.integers(flips, count, { high: 2 }) : new Int32Array(count);
  const shifts = (from: Key): Int32Array => random.host.integers(from, count, { low: -crop, high: crop + 1 });
  const [down, right] = [shifts(downs), shifts(rights)];
  const pixels = new Int32Array(count * height * width);
  for (let image = 0, to = 0; image < count; image++)
    for (let row = 0; row < height; row++) {
      const fromRow = (image * height + reflected(row + down[image]!, height)) * width;
      for (let place = 0; place < width; place++) {
        const column = reflected((mirrored[image] === 1 ? width - 1 - place : place) + right[image]!, width);
        pixels[to++] = fromRow + column;
      }
    }
  return tf.tidy(() => {
    const rows = tf.reshape(images, [count * height * width, channels]);
    return tf.reshape(tf.gather(rows, tf.tensor1d(pixels, "int32")), images.shape);
  });
}

/** The index that mirrors a place up to one length outside an axis at its first and last entry. */
const reflected = (place: number, length: number): number => length - 1 - Math.abs(length - 1 - Math.abs(place));

/**
 * The number by which the key of augmentation is folded from that of batches. Epochs use the
 * numbers from 0 on.
 */
const AUGMENTATION = 2 ** 51;

/**
 * A data source with random flips and shifts of its batches.
 *
 * Its other members (`all()`, `take`) give unchanged images.
 *
 * @throws ValidationError at once for a wrong option
 */
export function augmented<B extends ImageBatch, D extends IndexedDataset<B>>(
  source: IndexedSource<B, D>,
  augmentation: Augmentation,
): IndexedSource<B, D> {
  assertAugmentation(augmentation);
  return {
    async load() {
      const dataset = await source.load();
      return {
        ...dataset,
        batches(options) {
          const batches = dataset.batches(options);
          const key = random.fold(options.key, AUGMENTATION);
          return {
            perEpoch: batches.perEpoch,
            at(iteration) {
              const batch = batches.at(iteration);
              const images = augmentImages(batch.images, random.fold(key, iteration), augmentation);
              batch.images.dispose();
              return { ...batch, images };
            },
          };
        },
      };
    },
  };
}
