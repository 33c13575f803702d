import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { ValidationError } from "@ergodic/tensor";
import { imageGridPng, reconstructionPng, samplesPng } from "../src/index.js";
import { imageGrid, scatterSvg } from "../src/image-grid.js";

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
  it("draw every point, y upwards, at equal scales", async () => {
    const svg = scatterSvg([{ values: [0, 0, 1, 2], shape: [2, 2] }]);
    const points = [...svg.matchAll(/cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) => [Number(x), Number(y)]);
    expect(points[0]).toEqual([240, 240]);
    expect((points[1]?.[0] ?? 0) - 240).toBeCloseTo(240 / 2.1, 0);
    expect(240 - (points[1]?.[1] ?? 0)).toBeCloseTo(480 / 2.1, 0);
    const { info } = await pixels(await samplesPng({ values: [0, 0, 1, 2], shape: [2, 2] }));
    expect([info.width, info.height]).toEqual([480, 480]);
  });
});
