import sharp from "sharp";
import { describe, expect, it } from "vitest";
import type { Raster } from "@ergodic/formats";
import { ValidationError } from "@ergodic/tensor";
import { imageGridPng, reconstructionPng, samplesPng } from "../src/index.js";
import { imageGrid } from "../src/image-grid.js";
import { scatterPicture } from "../src/scatter-picture.js";

async function pixels(png: Uint8Array) {
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  return { at: (x: number, y: number, c = 0) => data[(y * info.width + x) * info.channels + c], info };
}

describe("image grids", () => {
  it("place image i at row i / columns and map [-1, 1] to 0..255, clipped", () => {
    const grid = imageGrid({ values: [-1, 0, 1, 7, -9], shape: [5, 1, 1, 1] });
    expect([grid.width, grid.height]).toEqual([5, 3]);
    expect([...grid.pixels]).toEqual([0, 255, 128, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0, 255, 255]);
  });

  it("survive the PNG, colours included, enlarged by a whole factor", async () => {
    const { at, info } = await pixels(await imageGridPng({ values: [1, -1, -1, -1, 1, -1], shape: [2, 1, 1, 3] }));
    expect([info.width, info.height]).toEqual([3 * 64, 64]);
    expect([at(63, 10, 0), at(63, 10, 1), at(63, 10, 2)]).toEqual([255, 0, 0]);
    expect([at(64, 10, 0), at(64, 10, 1)]).toEqual([255, 255]);
    expect([at(128, 10, 0), at(128, 10, 1)]).toEqual([0, 255]);
  });

  it("put originals above reconstructions", async () => {
    const shape = [2, 1, 1, 1];
    const { at, info } = await pixels(await reconstructionPng({ values: [1, -1], shape }, { values: [-1, 1], shape }));
    expect([info.width, info.height]).toEqual([192, 192]);
    expect([at(0, 0), at(128, 0), at(0, 128), at(128, 128)]).toEqual([255, 0, 0, 255]);
  });

  it("refuse what is neither images nor points", async () => {
    await expect(samplesPng({ values: [1, 2, 3], shape: [1, 3] })).rejects.toThrow(ValidationError);
    expect(() => imageGrid({ values: [], shape: [0, 2, 2, 1] })).toThrow(/shape \[0, 2, 2, 1\]; expected images/);
  });
});

describe("scatter plots", () => {
  const blue = [0x2f, 0x6f, 0xd0];
  const orange = [0xd9, 0x62, 0x2b];
  /** The mean of a colour and what is below it: points are half transparent. */
  const over = (colour: readonly number[], below: readonly number[]) =>
    colour.map((c, i) => Math.round((c + (below[i] ?? 0)) / 2));
  const white = [255, 255, 255];
  const rgb = ({ pixels, width }: Raster, x: number, y: number) => [
    ...pixels.subarray(3 * (y * width + x)).slice(0, 3),
  ];

  it("draw every point, y upwards, at equal scales", async () => {
    const points = { values: [1, 2, -2, -1], shape: [2, 2] };
    const picture = scatterPicture([points]);
    // The frame is ±2.1, so x = 1 lies at 240 (1 + 1 / 2.1) = 354.3 and y = 2 at 240 (1 - 2 / 2.1) = 11.4.
    expect(rgb(picture, 354, 11)).toEqual(over(blue, white));
    expect(rgb(picture, 11, 354)).toEqual(over(blue, white));
    expect(rgb(picture, 354, 16)).toEqual(white);
    expect(rgb(picture, 354, 468)).toEqual(white);
    const { at, info } = await pixels(await samplesPng(points));
    expect([info.width, info.height, info.channels]).toEqual([480, 480, 3]);
    expect([0, 1, 2].map((c) => at(354, 11, c))).toEqual(over(blue, white));
  });

  it("put the first set on top of the second", () => {
    const points = { values: [1, 1], shape: [1, 2] };
    const picture = scatterPicture([points, points]);
    expect(rgb(picture, 468, 11)).toEqual(over(blue, over(orange, white)));
  });

  it("show the axes and the extent, and leave out points that are not finite", () => {
    const picture = scatterPicture([{ values: [NaN, 1, Infinity, 0, 20, 0], shape: [3, 2] }]);
    expect(rgb(picture, 100, 240)).toEqual([0xdd, 0xdd, 0xdd]);
    expect(rgb(picture, 240, 100)).toEqual([0xdd, 0xdd, 0xdd]);
    expect(rgb(picture, 468, 240)).toEqual(over(blue, [0xdd, 0xdd, 0xdd]));
    const label = Array.from({ length: 5 }, (_, y) =>
      Array.from({ length: 11 }, (_, x) => (rgb(picture, 6 + 2 * x, 464 + 2 * y)[0] === 0x77 ? "#" : " ")).join(""),
    );
    // ±21
    expect(label).toEqual([
      " #  ###  # ",
      "###   # ## ", //
      " #  ###  # ",
      "    #    # ",
      "### ### ###",
    ]);
  });
});
