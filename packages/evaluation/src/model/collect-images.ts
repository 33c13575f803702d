/** The first images of a stream, as bytes of one size. */
import { fail, joined } from "@ergodic/tensor";
import type { PixelBatch, ImageStream } from "../images/image-batch.js";
import type { ImageSize } from "./made-images.js";

/**
 * The first `n` images of a stream, row-major. Grey images become three equal channels where colour
 * is expected.
 *
 * @param size expected of every image
 * @throws ValidationError for images of another size
 */
export async function collectImages(stream: ImageStream, size: ImageSize, n: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let count = 0;
  for await (const given of stream.batches()) {
    const { pixels, height, width, channels, ...batch } = size[2] === 3 ? inColour(given) : given;
    if (`${[height, width, channels]}` !== `${size}`)
      fail(
        `the images of ${stream.description} are ${height} x ${width} x ${channels}`,
        size.join(" x "),
        "bring them to that size",
      );
    const taken = Math.min(batch.count, n - count);
    parts.push(Uint8Array.from(pixels.subarray(0, (taken * pixels.length) / batch.count)));
    count += taken;
    if (count === n) break;
  }
  return joined(Uint8Array, parts);
}

/** Grey images as three equal channels. */
function inColour(batch: PixelBatch): PixelBatch {
  const { pixels, channels } = batch;
  if (channels === 3) return batch;
  return {
    ...batch,
    channels: 3,
    pixels: Float32Array.from({ length: 3 * pixels.length }, (_, i) => pixels[Math.floor(i / 3)]!),
  };
}
