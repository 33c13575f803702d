/**
 * Random flips and shifts of images: the change of a batch is a function of its iteration's number and the key of the batches, so a resumed
 * run sees the images it would have seen without the stop.
 */
import { assertNonNegativeInteger, fail, random, type Key } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import type { IndexedDataset, IndexedSource } from "./dataset.js";
import type { ImageBatch } from "./images/dataset.js";

export type Augmentation = {
  /** Mirrors left and right with probability 1/2. Not for digits and letters. Default false. */
  readonly flip?: boolean;
  /** Shifts by up to this many pixels along each side, all whole shifts equally likely; the border is mirrored. Default 0. */
  readonly crop?: number;
};

function assertAugmentation({ flip = false, crop = 0 }: Augmentation): void {
  assertNonNegativeInteger({ crop });
  if (!flip && crop === 0) fail("flip and crop are both off", "at least one of them", "leave `augmented` out");
}

/**
 * Each image flipped and shifted on its own. A shift by d is the crop of an image that is padded by its mirror image (without repeating the
 * border), as in PyTorch's `Pad(crop, padding_mode="reflect")` and `RandomCrop`.
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

/** The entry of an axis at a place up to one length outside it, mirrored at the first and last entry. */
const reflected = (place: number, length: number): number => length - 1 - Math.abs(length - 1 - Math.abs(place));

/** Keys of augmentation come from this one of the batches' key; epochs use the numbers from 0 on. */
const AUGMENTATION = 2 ** 51;

/**
 * A data source whose batches come with random flips and shifts; what else it has (`all()`, `take`) is left as it is.
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
