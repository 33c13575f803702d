/** Digits as streams, plain and blurred or noisy. */
import { mnist } from "@ergodic/data/node";
import { imageArray, type ImageStream } from "../../src/entries/images.js";
import { uniforms } from "../fixtures.js";

const AREA = 28 * 28;

/** The first `count` digits of a split as bytes, with their labels. */
export async function digits(split: "train" | "test", count: number) {
  const data = await mnist({ split, limit: count, scale: [0, 255] }).load();
  const { images, labels } = data.all();
  return { pixels: Uint8Array.from(images), labels };
}

export const stream = (pixels: Uint8Array): ImageStream => imageArray(pixels, [pixels.length / AREA, 28, 28, 1]);

/** Each pixel becomes the mean of its neighbourhood of 3 x 3 inside the image. */
export function blurred(pixels: Uint8Array): Uint8Array {
  return pixels.map((_, at) => {
    const [image, y, x] = [Math.floor(at / AREA) * AREA, Math.floor((at % AREA) / 28), at % 28];
    let [sum, count] = [0, 0];
    for (let i = Math.max(0, y - 1); i <= Math.min(27, y + 1); i++)
      for (let j = Math.max(0, x - 1); j <= Math.min(27, x + 1); j++) {
        sum += pixels[image + 28 * i + j]!;
        count++;
      }
    return Math.round(sum / count);
  });
}

export const noise = (seed: number, count: number): Uint8Array =>
  Uint8Array.from(uniforms(seed, count * AREA), (u) => 256 * u);
