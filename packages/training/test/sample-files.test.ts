import sharp from "sharp";
import { describe, expect, it } from "vitest";
import type { Raster } from "@ergodic/formats";
import { ValidationError } from "@ergodic/tensor";
import { imageGridPng, reconstructionFile, sampleFile, type HostSamples, type SampleFile } from "../src/index.js";
import { imageGrid } from "../src/samples/image-grid.js";
import { scatterPicture } from "../src/samples/scatter-picture.js";

/** Samples of a kind that is shown as a picture. */
const seen = (kind: "images" | "points" | "sequences", values: readonly number[], ...shape: number[]): HostSamples => ({
  ...{ kind, values, shape },
});
const png = (file: SampleFile): Uint8Array => {
  if (file.extension !== "png") throw new Error("expected a picture");
  return file.content;
};

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
    const file = await reconstructionFile(seen("images", [1, -1], 2, 1, 1, 1), seen("images", [-1, 1], 2, 1, 1, 1));
    const { at, info } = await pixels(png(file));
    expect([info.width, info.height]).toEqual([192, 192]);
    expect([at(0, 0), at(128, 0), at(0, 128), at(128, 128)]).toEqual([255, 0, 0, 255]);
  });

  it("put reconstructions below their originals in rows of 16, and leave the end of the last rows white", async () => {
    const black = seen("images", Array<number>(20).fill(-1), 20, 1, 1, 1);
    const grey = seen("images", Array<number>(20).fill(0), 20, 1, 1, 1);
    const { at, info } = await pixels(png(await reconstructionFile(black, grey, { most: 18 })));
    expect([info.width, info.height]).toEqual([31 * 64, 7 * 64]);
    const column = (x: number) => [0, 2, 4, 6].map((row) => at(64 * x + 10, 64 * row + 10));
    expect([column(0), column(2), column(4)]).toEqual([
      [0, 128, 0, 128],
      [0, 128, 0, 128],
      [0, 128, 255, 255],
    ]);
    const few = await pixels(png(await reconstructionFile(black, grey)));
    expect([few.info.width, few.info.height]).toEqual([31 * 64, 3 * 64]);
  });

  it("refuse what is no image", async () => {
    await expect(sampleFile(seen("images", [1, 2, 3], 1, 3))).rejects.toThrow(ValidationError);
    expect(() => imageGrid({ values: [], shape: [0, 2, 2, 1] })).toThrow(/shape \[0, 2, 2, 1\]; expected at least one/);
  });
});

describe("sequences of images", () => {
  it("are strips: a row of frames each, in order", async () => {
    // Two sequences of three frames of one pixel.
    const { at, info } = await pixels(png(await sampleFile(seen("sequences", [-1, 0, 1, 1, 0, -1], 2, 3, 1, 1, 1))));
    expect([info.width, info.height]).toEqual([5 * 64, 3 * 64]);
    const row = (y: number) => [0, 128, 256].map((x) => at(x + 10, y));
    expect([row(10), row(138)]).toEqual([
      [0, 128, 255],
      [255, 128, 0],
    ]);
  });

  it("of data lie above their reconstructions, one by one", async () => {
    const data = seen("sequences", [-1, -1, 1, 1], 2, 2, 1, 1, 1);
    const model = seen("sequences", [0, 0, 0, 0], 2, 2, 1, 1, 1);
    const { at, info } = await pixels(png(await reconstructionFile(data, model)));
    expect([info.width, info.height]).toEqual([3 * 64, 7 * 64]);
    expect([0, 2, 4, 6].map((row) => at(10, 64 * row + 10))).toEqual([0, 128, 255, 128]);
  });

  it("without frames are refused", async () => {
    await expect(sampleFile(seen("sequences", [], 2, 0, 1, 1, 1))).rejects.toThrow(/at least one frame/);
  });
});

describe("texts", () => {
  const texts = (...all: readonly string[]): HostSamples => ({ kind: "text", texts: all });

  it("are lines, one each, whatever they hold", async () => {
    expect(await sampleFile(texts("the dog sees", "", "a\nb\r\nc\u2028d"))).toEqual({
      extension: "txt",
      content: "the dog sees\n\na b c d\n",
    });
  });

  it("of data stand above what the model makes of them, 16 at most", async () => {
    const many = Array.from({ length: 20 }, (_, i) => `text ${i}`);
    const file = await reconstructionFile(texts(...many), texts(...many.map((text) => `${text}!`)));
    expect(file.extension).toBe("txt");
    expect((file.content as string).startsWith("data   text 0\nmodel  text 0!\n\ndata   text 1\n")).toBe(true);
    expect((file.content as string).match(/^data/gm)).toHaveLength(16);
  });

  it("are not paired with pictures", async () => {
    await expect(reconstructionFile(texts("a"), seen("points", [1, 2], 1, 2))).rejects.toThrow(/text and points/);
    await expect(
      reconstructionFile(seen("images", [1], 1, 1, 1, 1), seen("images", [1, 1], 2, 1, 1, 1)),
    ).rejects.toThrow(/images of shape \[1, 1, 1, 1\] and images of shape \[2, 1, 1, 1\]; expected equal/);
  });
});

describe("scatter plots", () => {
  const blue = [0x2f, 0x6f, 0xd0];
  const orange = [0xd9, 0x62, 0x2b];
  /** The mean of a colour and the one below it, because points are half transparent. */
  const over = (colour: readonly number[], below: readonly number[]) =>
    colour.map((c, i) => Math.round((c + (below[i] ?? 0)) / 2));
  const white = [255, 255, 255];
  const rgb = ({ pixels, width }: Raster, x: number, y: number) => [
    ...pixels.subarray(3 * (y * width + x)).slice(0, 3),
  ];

  it("draw every point, y upwards, at equal scales", async () => {
    const points = { values: [1, 2, -2, -1], shape: [2, 2] };
    const picture = scatterPicture([points]);
    // The frame is ±2.1, so x = 1 lies at 240 (1 + 1 / 2.1) = 354.3 and y = 2 at 240 (1 - 2 / 2.1)
    // = 11.4.
    expect(rgb(picture, 354, 11)).toEqual(over(blue, white));
    expect(rgb(picture, 11, 354)).toEqual(over(blue, white));
    expect(rgb(picture, 354, 16)).toEqual(white);
    expect(rgb(picture, 354, 468)).toEqual(white);
    const { at, info } = await pixels(png(await sampleFile({ kind: "points", ...points })));
    expect([info.width, info.height, info.channels]).toEqual([480, 480, 3]);
    expect([0, 1, 2].map((c) => at(354, 11, c))).toEqual(over(blue, white));
  });

  it("show the first two coordinates of points, and one on the horizontal axis", async () => {
    const picture = async (values: readonly number[], n: number, d: number) =>
      Buffer.from(png(await sampleFile(seen("points", values, n, d)))).toString("hex");
    const plane = await picture([1, 2, -2, -1], 2, 2);
    expect(await picture([1, 2, 9, -2, -1, 9], 2, 3)).toBe(plane);
    expect(await picture([1, -2], 2, 1)).toBe(await picture([1, 0, -2, 0], 2, 2));
    await expect(sampleFile(seen("points", [1, 2], 2))).rejects.toThrow(/expected \[n, d\]/);
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
