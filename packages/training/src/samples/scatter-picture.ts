/**
 * Scatter plots of points in the plane: overlapping discs on white, axes, and the extent of the
 * frame.
 */
import type { Raster } from "@ergodic/formats";
import type { Pictures } from "./pictures.js";

const size = 480;
const radius = 2;
const opacity = 0.5;
type Colour = readonly [red: number, green: number, blue: number];
const pointColours: readonly Colour[] = [
  [0x2f, 0x6f, 0xd0],
  [0xd9, 0x62, 0x2b],
  [0x2c, 0x9c, 0x4b],
  [0x8b, 0x4f, 0xc4],
  [0xc2, 0x2f, 0x5e],
  [0x12, 0x9d, 0xa8],
  [0xb3, 0x8a, 0x12],
  [0x55, 0x5f, 0x6e],
];
const axisColour: Colour = [0xdd, 0xdd, 0xdd];
const textColour: Colour = [0x77, 0x77, 0x77];

/** Points `[n, 2]`, each perhaps with the number of its colour. Colours repeat after eight. */
export interface ColouredPoints extends Pictures {
  readonly colours?: ArrayLike<number>;
}

/** A background of square cells, row by row from the upper left. */
export interface Background {
  /** Half the side of the square that the cells cover, which is also that of the picture. */
  readonly extent: number;
  /** Cells on each side. */
  readonly cells: number;
  /** The shade of a cell: 0 is the darkest, 1 white. */
  readonly shade: (cell: number) => number;
}

const darkest: Colour = [0x14, 0x2c, 0x5c];
const pointOnShade: Colour = [0xff, 0x8c, 0x1a];

/**
 * Draws sets of points `[n, 2]` in one picture with equal scales and the origin in the middle.
 *
 * The first set is on top. Without colours of its own, the i-th set has the i-th colour. The frame
 * fits the finite points. Other points are omitted.
 */
export function scatterPicture(sets: readonly ColouredPoints[], background?: Background): Raster {
  const canvas: Raster = { pixels: new Uint8Array(3 * size * size).fill(255), width: size, height: size, channels: 3 };
  const fitting = Math.max(1e-9, ...sets.map(({ values }) => largestFinite(values))) * 1.05;
  const extent = background?.extent ?? fitting;
  const middle = size / 2;
  if (background !== undefined) fill(canvas, background);
  const palette = background === undefined ? pointColours : [pointOnShade];
  for (let i = 0; i < size; i++) {
    blend(canvas, i, middle, axisColour, 1);
    blend(canvas, middle, i, axisColour, 1);
  }
  for (const [set, { values, colours }] of [...sets.entries()].reverse()) {
    for (let i = 0; i + 1 < values.length; i += 2) {
      const [x, y] = [Number(values[i]), Number(values[i + 1])];
      if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
      const colour = palette[(colours?.[i / 2] ?? set) % palette.length]!;
      disc(canvas, middle * (1 + x / extent), middle * (1 - y / extent), colour);
    }
  }
  write(canvas, `±${extent.toPrecision(2)}`, 6, size - 16);
  return canvas;
}

/**
 * A disc at `(x, y)`, in pixels from the upper left corner. Coverage falls over one pixel at its
 * rim.
 */
function disc(canvas: Raster, x: number, y: number, colour: Colour): void {
  for (let row = Math.floor(y - radius - 1); row <= y + radius + 1; row++) {
    for (let column = Math.floor(x - radius - 1); column <= x + radius + 1; column++) {
      const distance = Math.hypot(column + 0.5 - x, row + 0.5 - y);
      const coverage = Math.min(1, Math.max(0, radius + 0.5 - distance));
      blend(canvas, column, row, colour, opacity * coverage);
    }
  }
}

function fill(canvas: Raster, { cells, shade }: Background): void {
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const cell = Math.floor((y / size) * cells) * cells + Math.floor((x / size) * cells);
      blend(canvas, x, y, darkest, 1 - shade(cell));
    }
  }
}

/** Blends a colour into one pixel. Pixels outside the canvas are ignored. */
function blend({ pixels, width, height }: Raster, x: number, y: number, colour: Colour, share: number): void {
  if (x < 0 || y < 0 || x >= width || y >= height) return;
  const at = 3 * (y * width + x);
  for (const [c, value] of colour.entries()) {
    pixels[at + c] = Math.round((1 - share) * (pixels[at + c] ?? 0) + share * value);
  }
}

/** Bitmaps of the characters of numbers, as rows of three bits. */
const glyphs: Readonly<Record<string, readonly number[]>> = {
  "0": [7, 5, 5, 5, 7],
  "1": [2, 6, 2, 2, 7],
  "2": [7, 1, 7, 4, 7],
  "3": [7, 1, 7, 1, 7],
  "4": [5, 5, 7, 1, 1],
  "5": [7, 4, 7, 1, 7],
  "6": [7, 4, 7, 5, 7],
  "7": [7, 1, 1, 1, 1],
  "8": [7, 5, 7, 5, 7],
  "9": [7, 5, 7, 1, 7],
  ".": [0, 0, 0, 0, 2],
  "+": [0, 2, 7, 2, 0],
  "-": [0, 0, 7, 0, 0],
  "±": [2, 7, 2, 0, 7],
  e: [0, 7, 7, 4, 7],
};

/** Draws a number in characters of 6 x 10 pixels. */
function write(canvas: Raster, text: string, left: number, top: number): void {
  for (const [i, sign] of [...text].entries()) {
    for (let y = 0; y < 10; y++) {
      const row = glyphs[sign]?.[y >> 1] ?? 0;
      for (let x = 0; x < 6; x++) {
        if ((row >> (2 - (x >> 1))) & 1) blend(canvas, left + 8 * i + x, top + y, textColour, 1);
      }
    }
  }
}

function largestFinite(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i] ?? 0);
    if (size < Infinity && size > most) most = size;
  }
  return most;
}
