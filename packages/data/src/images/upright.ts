/** A picture as it should be seen: turned as its EXIF tag says, with its transparency beside it. */
import { decodeImage } from "./decoding/decode-image.js";
import { assertImageFile } from "./folder.js";
import { kindOf } from "./files/kinds.js";
import { loadSharp } from "../npm-package.js";

export interface UprightPicture {
  /** Bytes, row-major `[height, width, channels]`. Transparent places lie on white. */
  readonly pixels: Uint8Array;
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
  /** Opacity from 0 to 255, `[height, width]`. Absent where the file stores none. */
  readonly alpha?: Uint8Array;
}

/**
 * Reads a picture for a change that is written as a picture again.
 *
 * Colours are the stored ones, as of images for training. Unlike there, EXIF orientation is applied
 * and transparency is kept.
 *
 * @throws ValidationError when the file is damaged or no image
 */
export async function readUpright(path: string): Promise<UprightPicture> {
  const { readFile } = await import("node:fs/promises");
  await assertImageFile(path);
  const bytes = await readFile(path);
  const stored = await decodeImage(bytes, path);
  const kind = kindOf(bytes);
  if (kind === "bmp" || kind === "pnm" || kind === "gif") return stored;
  const sharp = await loadSharp();
  const { orientation = 1, hasAlpha } = await sharp(bytes).metadata();
  // Pictures in TIFF are turned already.
  const turn = kind === "tiff" ? 1 : orientation;
  const { width, height, channels } = stored;
  const seen = turned(stored.pixels, { width, height, channels }, turn);
  if (!hasAlpha) return { ...seen, channels };
  const opacity = await (kind === "tiff" ? sharp(bytes).autoOrient() : sharp(bytes))
    .toColourspace("srgb")
    .extractChannel("alpha")
    .raw()
    .toBuffer();
  const alpha = turned(opacity, { width, height, channels: 1 }, turn).pixels;
  return { ...seen, channels, alpha, pixels: onWhite(seen.pixels, alpha, channels) };
}

interface Size {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

/**
 * Where the pixel of an upright picture lies in the stored one, for each EXIF orientation from 1 to
 * 8.
 */
const sources: readonly ((x: number, y: number, size: Size) => [x: number, y: number])[] = [
  (x, y) => [x, y],
  (x, y, { width }) => [width - 1 - x, y],
  (x, y, { width, height }) => [width - 1 - x, height - 1 - y],
  (x, y, { height }) => [x, height - 1 - y],
  (x, y) => [y, x],
  (x, y, { height }) => [y, height - 1 - x],
  (x, y, { width, height }) => [width - 1 - y, height - 1 - x],
  (x, y, { width }) => [width - 1 - y, x],
];

function turned(pixels: Uint8Array, size: Size, orientation: number) {
  const source = sources[orientation - 1] ?? sources[0]!;
  const { channels } = size;
  const lying = orientation >= 5 && orientation <= 8;
  const [width, height] = lying ? [size.height, size.width] : [size.width, size.height];
  const out = new Uint8Array(pixels.length);
  for (let y = 0, to = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [column, row] = source(x, y, size);
      const from = (row * size.width + column) * channels;
      for (let c = 0; c < channels; c++, to++) out[to] = pixels[from + c]!;
    }
  return { pixels: out, width, height };
}

const onWhite = (pixels: Uint8Array, alpha: Uint8Array, channels: number): Uint8Array =>
  Uint8Array.from(pixels, (value, i) => {
    const opacity = alpha[Math.floor(i / channels)]! / 255;
    return Math.round(value * opacity + 255 * (1 - opacity));
  });
