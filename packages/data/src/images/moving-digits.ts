/** Sequences of images that move across a larger frame, made when they are asked for. */
import { assertPositive, assertPositiveInteger, fail, random } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { randomAccess } from "../batching.js";
import type { IndexedDataset, IndexedSource } from "../dataset.js";
import type { ImageBatch } from "./dataset.js";

export type MovingDigitsOptions = {
  /** Side of a frame, at least that of the images. Default 28. */
  readonly side?: number;
  /** Frames of a sequence. Default 3. */
  readonly length?: number;
  /** Pixels by which an image moves from frame to frame, in a random direction. Default 3. */
  readonly speed?: number;
  /** Seed of starts and directions. Default 0. */
  readonly seed?: number | bigint | string;
};

/**
 * Each image of a source moving in a straight line, reflected at the borders of the frame. Places
 * are rounded to whole pixels, and around the image is its darkest value -1.
 *
 * The motion of image i depends on the seed and i alone. Source: the moving digits of Srivastava,
 * Mansimov and Salakhutdinov, arXiv 1502.04681, with one digit.
 *
 * @throws ValidationError for a size out of range; from `load` for images that do not fit the frame
 */
export function movingDigits<B extends ImageBatch>(
  source: IndexedSource<B>,
  { side = 28, length = 3, speed = 3, seed = 0 }: MovingDigitsOptions = {},
): IndexedSource<{ frames: tf.Tensor4D[] }> {
  assertPositiveInteger({ side, length });
  assertPositive({ speed });
  const key = random.key(seed);
  return {
    async load(): Promise<IndexedDataset<{ frames: tf.Tensor4D[] }>> {
      const dataset = await source.load();
      return {
        description: `${dataset.description} moving in sequences of ${length} frames of ${side} x ${side}`,
        size: dataset.size,
        ...randomAccess(dataset.size, (indices) => {
          const { images, ...rest } = dataset.take(indices);
          Object.values(rest as Record<string, tf.Tensor>).forEach((tensor) => tensor.dispose());
          const [count, height, width, channels] = images.shape;
          const [down, right] = [side - height, side - width];
          if (down < 0 || right < 0)
            fail(`images are ${height} x ${width}`, `at most ${side} x ${side}`, "choose a larger side");
          const pixels = images.dataSync<"float32">();
          const frames = Array.from({ length }, () => new Float32Array(count * side * side * channels).fill(-1));
          indices.forEach((index, place) => {
            const [top, left, direction] = random.host.uniform(random.fold(key, index), 3) as unknown as number[];
            const angle = 2 * Math.PI * direction!;
            for (let t = 0; t < length; t++) {
              const row = Math.round(reflected(top! * down + t * speed * Math.sin(angle), down));
              const column = Math.round(reflected(left! * right + t * speed * Math.cos(angle), right));
              for (let y = 0; y < height; y++) {
                const from = (place * height + y) * width * channels;
                const to = ((place * side + row + y) * side + column) * channels;
                frames[t]!.set(pixels.subarray(from, from + width * channels), to);
              }
            }
          });
          images.dispose();
          return { frames: frames.map((values) => tf.tensor4d(values, [count, side, side, channels], "float32")) };
        }),
      };
    },
  };
}

/** A place that moves on beyond 0 or `most` turns round there. */
function reflected(place: number, most: number): number {
  if (most === 0) return 0;
  const folded = Math.abs(place) % (2 * most);
  return folded > most ? 2 * most - folded : folded;
}
