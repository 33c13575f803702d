/**
 * The two resizing protocols of networks.
 *
 * They give different scores, so the protocol is part of every number. "tf1" is the standard of
 * FID, "clean" is that of arXiv 2104.11222.
 */
import { antialiasedTaps, resampleInto, type Pixels, type Taps } from "@ergodic/data";
import { assertOneOf } from "@ergodic/tensor";

export type ResizeProtocol = "tf1" | "clean";
export const resizeProtocols: readonly ResizeProtocol[] = ["tf1", "clean"];

/**
 * Bilinear, as in TensorFlow 1 with `align_corners=False`.
 *
 * Entry `i` lies at `i n / N`, without the usual shift by half a pixel and without antialiasing.
 */
export const tf1Taps = (size: number, resized: number): Taps =>
  Array.from({ length: resized }, (_, i) => {
    const at = (i * size) / resized;
    const first = Math.floor(at);
    const fraction = at - first;
    return { first, weights: Float64Array.from(first + 1 < size ? [1 - fraction, fraction] : [1]) };
  });

/** Catmull-Rom-like cubic with a = -0.5, as in PIL. */
function cubic(x: number): number {
  const t = Math.abs(x);
  if (t < 1) return (1.5 * t - 2.5) * t * t + 1;
  return t < 2 ? ((-0.5 * t + 2.5) * t - 4) * t + 2 : 0;
}

/** Bicubic with antialiasing. */
export const cleanTaps = (size: number, resized: number): Taps =>
  antialiasedTaps(size, resized, { radius: 2, weight: cubic });

/**
 * Resizes an image to `side` x `side`, in float32 after each axis, columns first.
 *
 * "clean" is clipped to 0..255 and not rounded. An image of that size stays unchanged. Writes `side
 * * side * channels` numbers into `target` from `at` on.
 */
export function resizeInto(
  target: Float32Array,
  at: number,
  image: Pixels,
  { side, protocol }: { readonly side: number; readonly protocol: ResizeProtocol },
): void {
  assertOneOf({ resize: protocol }, resizeProtocols);
  const { values, height, width, channels } = image;
  if (height === side && width === side) {
    for (let i = 0; i < values.length; i++) target[at + i] = values[i]!;
    return;
  }
  const taps = protocol === "tf1" ? tf1Taps : cleanTaps;
  resampleInto(target, at, image, { rows: taps(height, side), columns: taps(width, side) });
  if (protocol === "clean")
    for (let i = at; i < at + side * side * channels; i++) target[i] = Math.min(255, Math.max(0, target[i]!));
}
