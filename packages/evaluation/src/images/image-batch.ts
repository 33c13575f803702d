/** Batches of images on the scale of 8 bits, the input of networks. */
import type { FileReport } from "@ergodic/data/node";
import { assertPositiveInteger, fail } from "@ergodic/tensor";

/** Some images of one size. */
export interface PixelBatch {
  /** Row-major `[count, height, width, channels]` in 0..255: bytes, or floats without rounding. */
  readonly pixels: Uint8Array | Float32Array;
  readonly count: number;
  readonly height: number;
  readonly width: number;
  /** 1 (grey; repeated three times for a network of colour images) or 3 (red, green, blue). */
  readonly channels: number;
}

/** A stream of batches of images, of any number. */
export interface ImageStream {
  /** Description for reports. */
  readonly description: string;
  /** Number of images, if known. */
  readonly count?: number;
  /** Whether pixels are whole numbers: "uint8", or "none" if floats are not rounded. */
  readonly quantisation: "uint8" | "none";
  /** Number of images that are made together. Default 1. */
  readonly unit?: number;
  /** @param from the first image, a multiple of `unit`. Default 0. */
  batches(from?: number): AsyncIterable<PixelBatch> | Iterable<PixelBatch>;
  /** For image files: files left out by reason, and images of which a part was left out. */
  files?(): FileReport;
}

export interface PixelOptions {
  /** Values of black and white in the data, for example [-1, 1]. */
  readonly range: readonly [low: number, high: number];
  /**
   * "uint8" (default) rounds to whole numbers, as saved images are; "none" keeps floats. Scores
   * differ a little.
   */
  readonly quantisation?: "uint8" | "none";
  /** Clips values outside the range, as saving an image does; by default they are an error. */
  readonly clip?: boolean;
}

/**
 * Rounding of float32 arithmetic, in units of 8 bits: values at most this far outside the range are
 * clipped.
 */
const ROUNDING = 1e-3;

/**
 * Converts values to pixels `255 (value - low) / (high - low)`.
 *
 * Pixels are rounded to the nearest whole number unless `quantisation` is "none".
 *
 * @param shape `[count, height, width, channels]`
 * @throws ValidationError for values that are not finite, values outside the range unless `clip`,
 *   or a wrong number of values
 */
export function pixelsOf(
  values: ArrayLike<number>,
  shape: readonly [number, number, number, number],
  { range: [low, high], quantisation = "uint8", clip = false }: PixelOptions,
): PixelBatch {
  const [count, height, width, channels] = shape;
  const batch = { count, height, width, channels };
  assertImages({ ...batch, pixels: values });
  const pixels = quantisation === "uint8" ? new Uint8Array(values.length) : new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const pixel = (255 * (values[i]! - low)) / (high - low);
    if (!Number.isFinite(pixel)) notFinite(values[i]!, i);
    if (!clip && (pixel < -ROUNDING || pixel > 255 + ROUNDING)) outside(values, i, low, high);
    const inside = Math.min(255, Math.max(0, pixel));
    pixels[i] = quantisation === "uint8" ? Math.round(inside) : inside;
  }
  return { ...batch, pixels };
}

/**
 * @throws ValidationError unless sizes are positive integers that match the pixels, with 1 or 3
 *   channels
 */
export function assertImages({
  pixels,
  count,
  height,
  width,
  channels,
}: Omit<PixelBatch, "pixels"> & { pixels: ArrayLike<number> }) {
  assertPositiveInteger({ count, height, width, channels });
  if (channels !== 1 && channels !== 3)
    fail(`the images have ${channels} channels`, "1 (grey) or 3 (colour)", "drop transparency, or pick channels");
  if (pixels.length !== count * height * width * channels)
    fail(
      `there are ${pixels.length} pixels`,
      `${count * height * width * channels} for images [${count},${height},${width},${channels}]`,
      "check the shape; channels come last",
    );
}

/** @throws ValidationError for floats that are not finite or outside 0..255 */
export function assertPixelRange({ pixels }: PixelBatch): void {
  if (pixels instanceof Uint8Array) return;
  for (let i = 0; i < pixels.length; i++) {
    if (!Number.isFinite(pixels[i])) notFinite(pixels[i]!, i);
    if (pixels[i]! < -ROUNDING || pixels[i]! > 255 + ROUNDING) outside(pixels, i, 0, 255);
  }
}

function notFinite(value: number, index: number): never {
  fail(`pixel ${index} of the images is ${value}`, "finite numbers", "did the chain or the training diverge?");
}

function outside(values: ArrayLike<number>, index: number, low: number, high: number): never {
  let [least, most] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) [least, most] = [Math.min(least, values[i]!), Math.max(most, values[i]!)];
  fail(
    `pixel ${index} of the images is ${values[index]} (all lie in ${least} .. ${most})`,
    `values in ${low} .. ${high}`,
    "state the right range, or cut values that overshoot with clip: true",
  );
}
