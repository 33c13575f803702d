/**
 * Pictures of samples: images side by side in one PNG, or points of the plane as a scatter plot. `sharp` is loaded when the first
 * picture is made.
 */
import { ValidationError } from "@ergodic/tensor";

/** Values on the host with their shape, as `await tensor.data()` gives them. */
export interface Pictures {
  readonly values: ArrayLike<number>;
  readonly shape: readonly number[];
}

/** Samples as a PNG: images `[n, height, width, 1 | 3 | 4]` in [-1, 1] as a grid, points `[n, 2]` as a scatter plot. */
export async function samplesPng(samples: Pictures): Promise<Uint8Array> {
  return samples.shape.length === 2 && samples.shape[1] === 2 ? scatterPng([samples]) : imageGridPng(samples);
}

/**
 * Images in rows and columns with a thin gap; small images are enlarged by a whole factor, without smoothing.
 *
 * @param columns images in a row; default: as square as can be.
 * @throws ValidationError when the shape is not `[n, height, width, 1 | 3 | 4]`, or there is no image.
 */
export async function imageGridPng(images: Pictures, columns?: number): Promise<Uint8Array> {
  const grid = imageGrid(images, columns);
  const scale = Math.max(1, Math.floor(64 / Math.max(grid.cellWidth, grid.cellHeight)));
  const { default: sharp } = await import("sharp");
  const raw = { width: grid.width, height: grid.height, channels: grid.channels };
  return sharp(grid.pixels, { raw })
    .resize(grid.width * scale, grid.height * scale, { kernel: "nearest" })
    .png()
    .toBuffer();
}

/** Raw pixels of a grid, row by row. */
export interface Grid {
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3 | 4;
  readonly cellWidth: number;
  readonly cellHeight: number;
}

/** The pixels of `imageGridPng` before enlarging: `round(255 (x + 1) / 2)`, clipped; one pixel of white between images. */
export function imageGrid({ values, shape }: Pictures, columns?: number): Grid {
  const [n = 0, h = 0, w = 0, c = 0] = shape;
  const isImages = shape.length === 4 && n > 0 && h > 0 && w > 0 && (c === 1 || c === 3 || c === 4);
  if (!isImages) {
    throw new ValidationError(
      `samples have shape [${shape.join(", ")}]; expected images [n, height, width, 1 | 3 | 4] in [-1, 1] or points [n, 2]. ` +
        "Reshape them in the learner's sample().",
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

const pointColours = ["#2f6fd0", "#d9622b"] as const;

/** Sets of points `[n, 2]` in one picture of equal scales, the first on top; the frame fits the points. */
export async function scatterPng(sets: readonly Pictures[]): Promise<Uint8Array> {
  const { default: sharp } = await import("sharp");
  return sharp(Buffer.from(scatterSvg(sets)))
    .png()
    .toBuffer();
}

/** The SVG of `scatterPng`. */
export function scatterSvg(sets: readonly Pictures[]): string {
  const size = 480;
  const extent = Math.max(1e-9, ...sets.map(({ values }) => largest(values))) * 1.05;
  const place = (x: number) => (((x / extent + 1) / 2) * size).toFixed(1);
  const layers = sets.map(({ values }, set) => {
    const circles = Array.from({ length: Math.floor(values.length / 2) }, (_, i) => {
      return `<circle cx="${place(values[2 * i] ?? 0)}" cy="${place(-(values[2 * i + 1] ?? 0))}" r="2"/>`;
    });
    return `<g fill="${pointColours[set % pointColours.length]}" fill-opacity="0.5">${circles.join("")}</g>`;
  });
  const axes = `<path d="M0 ${size / 2}H${size}M${size / 2} 0V${size}" stroke="#ddd"/>`;
  const label = `<text x="6" y="${size - 6}" font-family="sans-serif" font-size="11" fill="#888">±${extent.toPrecision(2)}</text>`;
  const frame = `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" viewBox="0 0 ${size} ${size}">`;
  return `${frame}<rect width="${size}" height="${size}" fill="#fff"/>${axes}${layers.reverse().join("")}${label}</svg>`;
}

/** Originals above their reconstructions, at most `count` of each: images in two rows, points in one scatter plot. */
export async function reconstructionPng(original: Pictures, reconstruction: Pictures, count = 16): Promise<Uint8Array> {
  if (original.shape.join() !== reconstruction.shape.join()) {
    throw new ValidationError(
      `reconstruct() returned shapes [${original.shape.join(", ")}] and [${reconstruction.shape.join(", ")}]; expected equal ones.`,
    );
  }
  if (original.shape.length === 2 && original.shape[1] === 2) return scatterPng([reconstruction, original]);
  const n = Math.min(count, original.shape[0] ?? 0);
  const [top, bottom] = [firstOf(original, n), firstOf(reconstruction, n)];
  return imageGridPng({ values: [...top, ...bottom], shape: [2 * n, ...original.shape.slice(1)] }, n);
}

function firstOf({ values, shape }: Pictures, n: number): number[] {
  return Array.from(values).slice(0, n * shape.slice(1).reduce((a, b) => a * b, 1));
}

function largest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i] ?? 0));
  return most;
}
