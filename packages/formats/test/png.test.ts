/** PNG files decode to the same pixels, and CRC-32 is that of zlib. */
import { crc32 as zlibCrc32 } from "node:zlib";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { crc32, encodePng, type Raster } from "../src/index.js";

/** Numbers that do not compress, from a fixed seed. */
function noise(length: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length }, () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 24);
}

const raster = (width: number, height: number, channels: Raster["channels"]): Raster => ({
  pixels: noise(width * height * channels),
  width,
  height,
  channels,
});

describe.each([1, 3, 4] as const)("PNG files of %d channels", (channels) => {
  it.each([
    [1, 1],
    [7, 3],
    [1, 300],
    [257, 1],
    [1021, 509],
  ])("of %d x %d pixels decode to the same pixels", async (width, height) => {
    const picture = raster(width, height, channels);
    const decoder = sharp(await encodePng(picture), { failOn: "warning" });
    expect(await decoder.metadata()).toMatchObject({ format: "png", width, height, channels, depth: "uchar" });
    const { data } = await decoder
      .toColourspace(channels === 1 ? "b-w" : "srgb")
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect(Buffer.compare(data, Buffer.from(picture.pixels))).toBe(0);
  });
});

describe("PNG files", () => {
  it("compress what repeats", async () => {
    const pixels = new Uint8Array(480 * 480 * 3).fill(255);
    expect((await encodePng({ pixels, width: 480, height: 480, channels: 3 })).length).toBeLessThan(2000);
  });

  it("leave the pixels of a view alone", async () => {
    const all = noise(14);
    const pixels = all.subarray(5, 11);
    const data = await sharp(await encodePng({ pixels, width: 2, height: 1, channels: 3 }))
      .raw()
      .toBuffer();
    expect([...data]).toEqual([...noise(14)].slice(5, 11));
  });

  it("are refused for sizes that the pixels do not have", async () => {
    const pixels = new Uint8Array(6);
    for (const [width, height, channels, message] of [
      [2, 2, 1, /^pixels holds 6 values, expected 4 for 2 x 2 pixels with 1 channels/],
      [0, 6, 1, /^width is 0, expected an integer >= 1/],
      [6, 0, 1, /^height is 0/],
      [-2, -3, 1, /^width is -2/],
      [1.5, 4, 1, /^width is 1\.5/],
      [NaN, 1, 1, /^width is NaN/],
      [2 ** 20, 2 ** 20, 1, /^a picture has 1048576 x 1048576 pixels .* at most 1073741824 values/],
      [3, 1, 2, /^a picture has 3 x 1 pixels with 2 channels, expected 1, 3 or 4 channels/],
    ] as const)
      await expect(encodePng({ pixels, width, height, channels: channels as 1 })).rejects.toMatchObject({
        name: "ValidationError",
        message: expect.stringMatching(message) as string,
      });
  });
});

describe("CRC-32", () => {
  it("is zlib's, of bytes at once and in parts", () => {
    // The check value of CRC-32/ISO-HDLC of "123456789", from the catalogue of parametrised CRC
    // algorithms.
    expect(crc32(Buffer.from("123456789"))).toBe(0xcbf43926);
    const bytes = noise(1003);
    for (const cut of [0, 1, 2, 3, 500, 1003]) {
      expect(crc32(bytes.subarray(cut), crc32(bytes.subarray(0, cut)))).toBe(zlibCrc32(bytes));
    }
  });
});
