/**
 * The two ways images get the size a network wants. They give different scores, so the way is part of every number: "tf1" is
 * the standard protocol of FID, "clean" that of arXiv 2104.11222.
 */
import { assertOneOf } from "@ergodic/tensor";

export type ResizeProtocol = "tf1" | "clean";
export const resizeProtocols: readonly ResizeProtocol[] = ["tf1", "clean"];

/** One image in 0..255, row-major `[height, width, channels]`. */
export interface Pixels {
  readonly values: ArrayLike<number>;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** For each entry of a resized axis: the first entry it is made of, and the weights of that one and those that follow. */
type Taps = readonly { readonly first: number; readonly weights: Float64Array }[];

/**
 * Bilinear as TensorFlow 1 has it with `align_corners=False`: entry `i` lies at `i n / N`, without the shift by half a pixel
 * that everyone else makes, and without antialiasing.
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

/** Bicubic with antialiasing as PIL has it: when the image shrinks, the kernel widens by the same factor. */
export const cleanTaps = (size: number, resized: number): Taps => {
  const scale = size / resized;
  const widening = Math.max(scale, 1);
  return Array.from({ length: resized }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - 2 * widening + 0.5));
    const end = Math.min(size, Math.trunc(centre + 2 * widening + 0.5));
    const raw = Float64Array.from({ length: end - first }, (_, k) => cubic((first + k - centre + 0.5) / widening));
    const sum = raw.reduce((a, b) => a + b, 0);
    return { first, weights: raw.map((weight) => weight / sum) };
  });
};

/**
 * The image as `side` x `side`, in float32 after each axis, columns first; "clean" is clipped to 0..255 and not rounded.
 * An image of that size already is left as it is. Writes `side * side * channels` numbers into `target` from `at` on.
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
  const wide = new Float32Array(height * side * channels);
  alongAxis(values, height, width * channels, channels, taps(width, side), wide, 0);
  alongAxis(wide, 1, 0, side * channels, taps(height, side), target, at);
  if (protocol === "clean")
    for (let i = at; i < at + side * side * channels; i++) target[i] = Math.min(255, Math.max(0, target[i]!));
}

/** Blends entries of `size` numbers each along the axis of `taps`, for each of `outer` slices `stride` apart. */
function alongAxis(
  source: ArrayLike<number>,
  outer: number,
  stride: number,
  size: number,
  taps: Taps,
  target: Float32Array,
  at: number,
): void {
  for (let o = 0; o < outer; o++)
    for (const { first, weights } of taps) {
      const from = o * stride + first * size;
      for (let j = 0; j < size; j++, at++) {
        let sum = 0;
        for (let k = 0; k < weights.length; k++) sum += weights[k]! * source[from + k * size + j]!;
        target[at] = sum;
      }
    }
}
