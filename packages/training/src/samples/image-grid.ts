/** Images side by side in one PNG. */
import { encodePng, type Raster } from "@ergodic/formats";
import { ValidationError } from "@ergodic/tensor";
import type { Pictures } from "./pictures.js";

/**
 * Images in rows and columns with a thin gap. Small images are enlarged by an integer factor,
 * without smoothing.
 *
 * @param columns images per row. Default: as square as possible.
 * @throws ValidationError when the shape is not `[n, height, width, 1 | 3 | 4]`, or there is no
 *   image.
 */
export async function imageGridPng(images: Pictures, columns?: number): Promise<Uint8Array> {
  const grid = imageGrid(images, columns);
  const scale = Math.max(1, Math.floor(64 / Math.max(grid.cellWidth, grid.cellHeight)));
  return encodePng(enlarged(grid, scale));
}

/** Repeats every pixel as a square of `scale` x `scale` pixels. */
function enlarged({ pixels, width, height, channels }: Raster, scale: number): Raster {
  const row = width * scale * channels;
  const large = new Uint8Array(row * height * scale);
  for (let y = 0; y < height; y++) {
    const start = y * scale * row;
    for (let x = 0; x < width; x++) {
      const pixel = pixels.subarray((y * width + x) * channels, (y * width + x + 1) * channels);
      for (let k = 0; k < scale; k++) large.set(pixel, start + (x * scale + k) * channels);
    }
    for (let k = 1; k < scale; k++) large.copyWithin(start + k * row, start, start + row);
  }
  return { pixels: large, width: width * scale, height: height * scale, channels };
}

/** A grid of images, and the size of each image. */
export interface Grid extends Raster {
  readonly cellWidth: number;
  readonly cellHeight: number;
}

/**
 * The pixels of `imageGridPng` before enlarging: `round(255 (x + 1) / 2)`, clipped, with one white
 * pixel between images.
 */
export function imageGrid({ values, shape }: Pictures, columns?: number): Grid {
  const [n = 0, h = 0, w = 0, c = 0] = shape;
  const isImages = shape.length === 4 && n > 0 && h > 0 && w > 0 && (c === 1 || c === 3 || c === 4);
  if (!isImages) {
    throw new ValidationError(
      `images have shape [${shape.join(", ")}]; expected at least one, [n, height, width, 1 | 3 | 4] in [-1, 1].`,
    );
  }
  const across = Math.min(n, columns ?? Math.ceil(Math.sqrt(n)));
  const down = Math.ceil(n / across);
  const width = across * (w + 1) - 1;
  const height = down * (h + 1) - 1;
  const pixels = new Uint8Array(width * height * c).fill(255);
  for (let i = 0; i < n; i++) {
    const left = (i % across) * (w + 1);
    const top = Math.floor(i / across) * (h + 1);
    for (let y = 0; y < h; y++) {
      for (let k = 0; k < w * c; k++) {
        const x = values[(i * h + y) * w * c + k] ?? 0;
        pixels[((top + y) * width + left) * c + k] = Math.round(Math.min(255, Math.max(0, ((x + 1) / 2) * 255)));
      }
    }
  }
  return { pixels, width, height, channels: c, cellWidth: w, cellHeight: h };
}
