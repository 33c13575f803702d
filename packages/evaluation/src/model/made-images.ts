/** Generated images without data, noise and single colours, that serve as anomalies. */
import { random, type Key } from "@ergodic/tensor";

export type ImageSize = readonly [height: number, width: number, channels: number];

export interface ImageRequest {
  readonly count: number;
  readonly size: ImageSize;
  readonly key: Key;
}

/**
 * Kinds of generated images by name; each gives bytes, row-major `[count, height, width,
 * channels]`.
 */
export const madeImages: Readonly<Record<"noise" | "constant", (of: ImageRequest) => Uint8Array>> = {
  /** Every byte is uniform in 0 .. 255. */
  noise: ({ count, size, key }) => bytes(key, [count, ...size]),
  /** Every image has one colour, uniform in each channel. */
  constant({ count, size: [height, width, channels], key }) {
    const colours = bytes(key, [count, channels]);
    const each = height * width * channels;
    return Uint8Array.from(
      { length: count * each },
      (_, i) => colours[Math.floor(i / each) * channels + (i % channels)]!,
    );
  },
};

function bytes(key: Key, shape: readonly number[]): Uint8Array {
  const drawn = random.integers(key, shape, { high: 256 });
  const values = Uint8Array.from(drawn.dataSync());
  drawn.dispose();
  return values;
}
