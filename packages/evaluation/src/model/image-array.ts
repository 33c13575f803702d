/** Sets of images in memory. */
import { imageArray } from "../images/streams.js";
import type { ImageStream } from "../images/image-batch.js";

/** Images on the host, `[n, height, width, channels]` in [-1, 1]. */
export interface ImageArray {
  readonly images: Float32Array;
  readonly shape: readonly number[];
  /** The class of each image, if the data has classes. */
  readonly labels?: ArrayLike<number>;
}

/** Numbers in one image. */
export const imageSize = ({ shape }: Pick<ImageArray, "shape">): number =>
  shape.slice(1).reduce((product, side) => product * side, 1);

/** The first `n` images, or all if there are fewer. */
export function firstImages({ images, shape, labels }: ImageArray, n: number): ImageArray {
  const count = Math.min(n, shape[0] ?? 0);
  return {
    images: images.subarray(0, count * imageSize({ shape })),
    shape: [count, ...shape.slice(1)],
    ...(labels && { labels: Array.from(labels).slice(0, count) }),
  };
}

/** The images as a stream. */
export function imagesOf({ images, shape }: ImageArray, description: string): ImageStream {
  const stream = imageArray(images, shape as [number, number, number, number], { range: [-1, 1] });
  return { ...stream, description };
}
