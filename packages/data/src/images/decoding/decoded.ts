/** A decoded image: the stored numbers in 8 bits, without any colour profile. */
import { fail } from "@ergodic/tensor";
import type { Reduction } from "../files/remarks.js";

export interface DecodedImage {
  /** Row-major `[height, width, channels]`. */
  readonly pixels: Uint8Array;
  readonly height: number;
  readonly width: number;
  /** 1 when the file stores grey, or a palette of greys; otherwise 3. */
  readonly channels: 1 | 3;
  readonly reduced: readonly Reduction[];
}

/** The most pixels of an image: 268 MB of colours, where Pillow suspects a decompression bomb. */
export const MOST_PIXELS = 89_478_485;

/**
 * Checks the size of an image.
 *
 * @throws ValidationError for an image without pixels, or with more than {@link MOST_PIXELS}
 */
export function assertPixelCount(width: number, height: number, file: string): void {
  if (!(width > 0 && height > 0) || width * height > MOST_PIXELS)
    fail(
      `${file} says it is an image of ${width} x ${height}`,
      `1 to ${MOST_PIXELS} pixels`,
      "remove or replace the file",
    );
}

export function damaged(file: string, why: string): never {
  fail(`${file} cannot be read (${why})`, "a whole image", "remove or replace the file");
}

/** Reduces pixels to one channel when all three channels are equal everywhere. */
export function greyIfEqual(pixels: Uint8Array): { readonly pixels: Uint8Array; readonly channels: 1 | 3 } {
  for (let i = 0; i < pixels.length; i += 3)
    if (pixels[i] !== pixels[i + 1] || pixels[i] !== pixels[i + 2]) return { pixels, channels: 3 };
  return { pixels: Uint8Array.from({ length: pixels.length / 3 }, (_, i) => pixels[3 * i]!), channels: 1 };
}
