/** Pictures of any size as squares of one size: the part that is taken, and its resizing. */
import { assertNonNegativeInteger, assertPositiveInteger, describeValue, fail } from "@ergodic/tensor";
import { antialiasedTaps, resampleInto, triangle, type Pixels, type Taps } from "./resample.js";

/** A rectangle of pixels that is cut out before the picture is resized. */
export interface Window {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/**
 * The part of a picture that becomes the square.
 *
 * - "center": the largest square in the middle, resized.
 * - "shorter-side": the picture resized until its shorter side fits, then the square in the middle
 *   (torchvision's `Resize` and `CenterCrop`).
 * - "none": the whole picture, stretched to a square.
 * - a window, resized.
 */
export type Crop = "center" | "shorter-side" | "none" | Window;

const named: readonly unknown[] = ["center", "shorter-side", "none"];

/**
 * Checks a crop.
 *
 * @throws ValidationError unless it is one of the names or a window of whole numbers
 */
export function assertCrop(crop: Crop): void {
  if (named.includes(crop)) return;
  if (typeof crop !== "object" || crop === null)
    fail(`crop is ${describeValue(crop)}`, '"center", "shorter-side", "none" or { top, left, height, width }');
  const { top, left, height, width } = crop;
  assertNonNegativeInteger({ "crop.top": top, "crop.left": left });
  assertPositiveInteger({ "crop.height": height, "crop.width": width });
}

/**
 * Writes a picture as a square of bytes, resized by antialiased linear interpolation and rounded
 * once.
 *
 * @param target gets `size * size * channels` bytes from `at` on
 * @param file the name to use in messages
 * @throws ValidationError when a window is not inside the picture
 */
export function squareInto(
  target: Uint8Array,
  at: number,
  image: Pixels,
  { size, crop, file }: { readonly size: number; readonly crop: Crop; readonly file: string },
): void {
  const window = crop === "center" ? middle(image) : typeof crop === "string" ? undefined : inside(image, crop, file);
  const taken = window === undefined ? image : cut(image, window);
  const square = new Float32Array(size * size * image.channels);
  resampleInto(square, 0, taken, crop === "shorter-side" ? middleTaps(taken, size) : wholeTaps(taken, size));
  for (let i = 0; i < square.length; i++) target[at + i] = Math.round(square[i]!); // weights are not negative: within 0 .. 255
}

const axis = (length: number, size: number): Taps => antialiasedTaps(length, size, triangle);

const wholeTaps = ({ height, width }: Pixels, size: number) => ({
  rows: axis(height, size),
  columns: axis(width, size),
});

/** Weights of the middle of the resized longer side alone. */
function middleTaps({ height, width }: Pixels, size: number): { rows: Taps; columns: Taps } {
  const shorter = Math.min(height, width);
  const along = (length: number): Taps => {
    const resized = Math.floor((size * length) / shorter);
    const first = halfToEven(resized - size);
    return axis(length, resized).slice(first, first + size);
  };
  return { rows: along(height), columns: along(width) };
}

/** Half of a whole number, rounded to an even number as in Python. */
const halfToEven = (n: number): number => (n % 4 === 1 ? (n - 1) / 2 : Math.round(n / 2));

function middle({ height, width }: Pixels): Window {
  const side = Math.min(height, width);
  return { top: (height - side) >> 1, left: (width - side) >> 1, height: side, width: side };
}

function inside({ height, width }: Pixels, window: Window, file: string): Window {
  if (window.top + window.height > height || window.left + window.width > width)
    fail(
      `${file} is ${height} pixels high and ${width} wide`,
      `at least ${window.top + window.height} and ${window.left + window.width}, where the window ends`,
      "choose another crop, or remove the file",
    );
  return window;
}

function cut({ values, width: stride, channels }: Pixels, { top, left, height, width }: Window): Pixels {
  const part = new Uint8Array(height * width * channels);
  for (let row = 0, to = 0; row < height; row++)
    for (let i = 0, from = ((top + row) * stride + left) * channels; i < width * channels; i++)
      part[to++] = values[from + i]!;
  return { values: part, height, width, channels };
}
