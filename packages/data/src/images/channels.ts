/** Conversion between grey and colours. */
import type { DecodedImage } from "./decoding/decoded.js";
import type { Pixels } from "./resample.js";

/**
 * Converts an image to one channel or three.
 *
 * Colours become grey by ITU-R 601-2, rounded as by PIL's `convert("L")`. Grey becomes three equal
 * colours.
 */
export function withChannels({ pixels, height, width, channels }: DecodedImage, wanted: 1 | 3): Pixels {
  if (channels === wanted) return { values: pixels, height, width, channels };
  const values = new Uint8Array(height * width * wanted);
  if (wanted === 3) for (let i = 0; i < pixels.length; i++) values.fill(pixels[i]!, 3 * i, 3 * i + 3);
  else for (let i = 0; i < values.length; i++) values[i] = luma(pixels[3 * i]!, pixels[3 * i + 1]!, pixels[3 * i + 2]!);
  return { values, height, width, channels: wanted };
}

const luma = (red: number, green: number, blue: number): number =>
  (19_595 * red + 38_470 * green + 7_471 * blue + 32_768) >> 16;
