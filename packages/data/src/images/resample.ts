/** Images at another size: each pixel of the result is a weighted mean of pixels of the image, one axis after the other. */

/** One image, row-major `[height, width, channels]`. */
export interface Pixels {
  readonly values: ArrayLike<number>;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** For each entry of a resampled axis: the first entry it is made of, and the weights of that one and those that follow. */
export type Taps = readonly { readonly first: number; readonly weights: Float64Array }[];

/** A weight by distance, which is zero beyond the radius. */
export interface ResamplingFilter {
  readonly radius: number;
  weight(distance: number): number;
}

/** Linear interpolation where an image grows. */
export const triangle: ResamplingFilter = { radius: 1, weight: (distance) => Math.max(0, 1 - Math.abs(distance)) };

/**
 * Antialiased resampling of an axis of `size` entries to `resized` ones, as PIL has it: when the image shrinks, the filter widens by the same
 * factor; at the borders the weights that are left sum to one.
 */
export function antialiasedTaps(size: number, resized: number, { radius, weight }: ResamplingFilter): Taps {
  const scale = size / resized;
  const widening = Math.max(scale, 1);
  return Array.from({ length: resized }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - radius * widening + 0.5));
    const end = Math.min(size, Math.trunc(centre + radius * widening + 0.5));
    const raw = Float64Array.from({ length: end - first }, (_, k) => weight((first + k - centre + 0.5) / widening));
    const sum = raw.reduce((a, b) => a + b, 0);
    return { first, weights: raw.map((part) => part / sum) };
  });
}

/**
 * The image in float32 after each axis, columns first.
 *
 * @param target gets `rows.length * columns.length * channels` numbers from `at` on
 */
export function resampleInto(
  target: Float32Array,
  at: number,
  { values, height, width, channels }: Pixels,
  { rows, columns }: { readonly rows: Taps; readonly columns: Taps },
): void {
  const wide = new Float32Array(height * columns.length * channels);
  alongAxis(values, height, width * channels, channels, columns, wide, 0);
  alongAxis(wide, 1, 0, columns.length * channels, rows, target, at);
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
