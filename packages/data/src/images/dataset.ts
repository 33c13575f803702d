/** Images in memory as bytes, scaled on demand: a quarter of the memory of float32. */
import {
  assertFinite,
  assertInRange,
  assertNonNegativeInteger,
  assertPositiveInteger,
  fail,
  ValidationError,
} from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { randomAccess } from "../batching.js";
import type { IndexedDataset } from "../dataset.js";
import { assertLabels, type Labels } from "../labels.js";

export type ImageShape = readonly [height: number, width: number, channels: number];

/** `images` [batch, height, width, channels] float32. */
export type ImageBatch = { images: tf.Tensor4D };

/** The same with `labels` [batch] int32. */
export type LabelledImageBatch = { images: tf.Tensor4D; labels: tf.Tensor1D };

/** All examples in order, as arrays. */
export type ImageArrays = {
  /** Scaled values, row-major [size, height, width, channels]. */
  readonly images: Float32Array<ArrayBuffer>;
  readonly shape: readonly [number, number, number, number];
};

export interface ImageDataset<B extends ImageBatch = ImageBatch> extends IndexedDataset<B> {
  readonly imageShape: ImageShape;
  /** The values that bytes 0 and 255 become. */
  readonly scale: readonly [number, number];
  /** Scaled values of `count` images from `start` on, row-major. */
  images(start: number, count: number): Float32Array<ArrayBuffer>;
  /** All examples, scaled; new arrays at each call. */
  all(): ImageArrays;
}

export interface LabelledImageDataset extends ImageDataset<LabelledImageBatch> {
  /** Names of the classes by label, if they have names. */
  readonly classes?: readonly string[];
  /** The labels of `count` images from `start` on. */
  labels(start: number, count: number): Labels;
  all(): ImageArrays & { readonly labels: Labels };
}

export type ImageDatasetOptions = {
  readonly description: string;
  /** Bytes, row-major [size, height, width, channels]. */
  readonly bytes: Uint8Array;
  readonly imageShape: ImageShape;
  /** The values of bytes 0 and 255, with equal steps in between. Default [-1, 1]. */
  readonly scale?: readonly [number, number];
  /** Use the first `limit` examples only. */
  readonly limit?: number;
};

export type LabelledImageDatasetOptions = ImageDatasetOptions & {
  /** One class for each image. */
  readonly labels: Labels;
  readonly classes?: readonly string[];
};

/**
 * Checks a scale.
 *
 * @throws ValidationError unless `scale` is two finite numbers low < high
 */
export function assertScale(scale: readonly [number, number]): void {
  if (!Array.isArray(scale) || scale.length !== 2) {
    throw new ValidationError(`scale is ${JSON.stringify(scale)}, expected [low, high]; for example [-1, 1]`);
  }
  assertFinite({ "scale[0]": scale[0], "scale[1]": scale[1] });
  if (scale[0] >= scale[1]) fail(`scale is [${scale[0]}, ${scale[1]}]`, "low < high", "for example [-1, 1]");
}

/**
 * A data set of images, with labels if they are given.
 *
 * value = low + (high - low) byte / 255.
 *
 * @throws ValidationError if the number of bytes or labels does not fit, a label names no class, or
 * an option is out of range
 */
export function imageDataset(options: LabelledImageDatasetOptions): LabelledImageDataset;
export function imageDataset(options: ImageDatasetOptions): ImageDataset;
export function imageDataset(
  options: ImageDatasetOptions & Partial<LabelledImageDatasetOptions>,
): ImageDataset | LabelledImageDataset {
  const { description, bytes, labels, classes, imageShape, scale = [-1, 1] } = options;
  const [height, width, channels] = imageShape;
  assertPositiveInteger({ height, width, channels });
  assertScale(scale);
  const size = sizeOf(options);
  const perImage = height * width * channels;
  const [low, high] = scale;
  const value = Float32Array.from({ length: 256 }, (_, byte) => low + ((high - low) * byte) / 255);

  const assertSpan = (start: number, count: number): void => {
    assertNonNegativeInteger({ start, count });
    assertInRange({ "start + count": start + count }, { max: size }, `there are ${size} examples`);
  };
  /** Scales the image `index` into `out` at image position `place`. */
  const put = (out: Float32Array, place: number, index: number): void => {
    const from = index * perImage;
    const to = place * perImage;
    for (let i = 0; i < perImage; i++) out[to + i] = value[bytes[from + i] as number] as number;
  };
  const images = (start: number, count: number): Float32Array<ArrayBuffer> => {
    assertSpan(start, count);
    const out = new Float32Array(count * perImage);
    for (let i = 0; i < count; i++) put(out, i, start + i);
    return out;
  };
  const takeImages = (indices: Int32Array): tf.Tensor4D => {
    const batch = new Float32Array(indices.length * perImage);
    indices.forEach((index, place) => put(batch, place, index));
    return tf.tensor4d(batch, [indices.length, height, width, channels], "float32");
  };
  const all = (): ImageArrays => ({ images: images(0, size), shape: [size, height, width, channels] });
  const plain = { description, size, imageShape, scale, images };
  if (labels === undefined)
    return { ...plain, all, ...randomAccess(size, (indices) => ({ images: takeImages(indices) })) };
  return {
    ...plain,
    ...(classes === undefined ? {} : { classes }),
    labels(start, count) {
      assertSpan(start, count);
      return labels.slice(start, start + count);
    },
    all: () => ({ ...all(), labels: labels.slice(0, size) }),
    ...randomAccess(size, (indices) => ({
      images: takeImages(indices),
      labels: tf.tensor1d(
        indices.map((index) => labels[index] as number),
        "int32",
      ),
    })),
  };
}

/**
 * The number of examples that are used.
 *
 * @throws ValidationError where bytes, labels, classes and limit do not fit together
 */
function sizeOf({
  bytes,
  imageShape,
  labels,
  classes,
  limit,
}: ImageDatasetOptions & Partial<LabelledImageDatasetOptions>): number {
  const perImage = imageShape.reduce((product, side) => product * side, 1);
  const available = bytes.length / perImage;
  if (!Number.isInteger(available) || available === 0) {
    fail(
      `there are ${bytes.length} bytes`,
      `${perImage} for each image of [${imageShape.join(",")}]`,
      "check imageShape",
    );
  }
  if (labels !== undefined && labels.length !== available) {
    fail(`there are ${available} images and ${labels.length} labels`, "one label per image", "use files of one split");
  }
  if (labels !== undefined && classes !== undefined) assertLabels(labels, classes.length);
  if (limit !== undefined) {
    assertPositiveInteger({ limit });
    assertInRange({ limit }, { max: available }, `there are ${available} examples`);
  }
  return limit ?? available;
}
