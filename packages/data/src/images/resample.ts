/**
 * Resizing of images, one axis after the other.
 *
 * Each pixel of the result is a weighted mean of pixels of the image.
 */

/** One image, row-major `[height, width, channels]`. */
export interface Pixels {
  readonly values: ArrayLike<number>;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/**
 * For each entry of a resampled axis, the first entry that contributes, and the weights of this
 * entry and the following ones.
 */
export type Taps = readonly { readonly first: number; readonly weights: Float64Array }[];

/** A weight by distance. It is zero beyond the radius. */
export interface ResamplingFilter {
  readonly radius: number;
  weight(distance: number): number;
}

/** The triangle filter, which interpolates linearly when an image grows. */
export const triangle: ResamplingFilter = { radius: 1, weight: (distance) => Math.max(0, 1 - Math.abs(distance)) };

/**
 * Antialiased resampling of an axis from `size` to `resized` entries, as in PIL.
 *
 * The filter widens by the factor by which an image shrinks. At the borders the remaining weights
 * are normalised to one.
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
 * Resamples an image, columns first, in float32 after each axis.
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

/**
 * Blends entries of `size` numbers each along the axis of `taps`, for each of `outer` slices at
 * distance `stride`.
 */
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
