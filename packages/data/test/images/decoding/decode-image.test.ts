/**
 * Decoded pixels, against those of Pillow for the same files, and files without readable pixels.
 */
import { readFileSync } from "node:fs";
import { inflateSync } from "node:zlib";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { decodeImage } from "../../../src/images/decoding/decode-image.js";
import { bitmap, floatTiff, greyPng, pngOf, tiffOf } from "../image-bytes.js";

interface Golden {
  readonly file: string;
  readonly mode: string;
  readonly size: readonly [width: number, height: number];
  readonly rgb: string;
}
const golden = JSON.parse(readFileSync(new URL("stored-pixels.json", import.meta.url), "utf8")) as Record<
  string,
  Golden
>;
const fileOf = (name: string): Uint8Array => Buffer.from(golden[name]!.file, "base64");

describe("stored pixels", () => {
  it.each(Object.keys(golden))("of %s are those that Pillow reads", async (name) => {
    const { pixels, width, height, channels } = await decodeImage(fileOf(name), name);
    const { size, rgb } = golden[name]!;
    expect([width, height]).toEqual(size);
    const three =
      channels === 3 ? pixels : Uint8Array.from({ length: 3 * pixels.length }, (_, i) => pixels[Math.floor(i / 3)]!);
    expect([...three]).toEqual([...inflateSync(Buffer.from(rgb, "base64"))]);
  });

  it("are grey where the file stores grey, or a palette of greys", async () => {
    const grey = ["1", "L", "LA"];
    // Pillow has no mode for grey with 16 bits of transparency, and one mode for all GIF files.
    const others = ["grey-alpha-16.png", "grey.gif"];
    for (const [name, { mode }] of Object.entries(golden)) {
      const { channels } = await decodeImage(fileOf(name), name);
      expect([name, channels]).toEqual([name, grey.includes(mode) || others.includes(name) ? 1 : 3]);
    }
  });

  it("of grey with 16 bits are the upper 8, where Pillow cuts at 255", async () => {
    const values = Uint16Array.of(0, 255, 256, 0x1234, 0xfedc, 0xffff);
    const bigEndian = [...values].flatMap((value) => [value >> 8, value & 255]);
    const { pixels, channels, reduced } = await decodeImage(greyPng(bigEndian, { depth: 16 }), "deep.png");
    expect({ pixels, channels, reduced }).toEqual({
      pixels: Uint8Array.of(0, 0, 1, 0x12, 0xfe, 0xff),
      channels: 1,
      reduced: ["16 bits cut to 8"],
    });
  });

  it("are not all that is in a file: what is left is named", async () => {
    const left = async (name: string) => (await decodeImage(fileOf(name), name)).reduced;
    for (const name of ["moving.gif", "moving.webp", "pages.tif"])
      expect(await left(name)).toContain("first picture of several");
    for (const name of ["rgba.png", "palette-transparent.png", "transparent.gif", "rgba.webp", "rgba.tif"])
      expect(await left(name)).toEqual(["transparency dropped"]);
    for (const name of ["turned.png", "turned.jpg"]) expect(await left(name)).toEqual(["not turned as its tag says"]);
    for (const name of ["rgb.png", "cmyk.jpg", "turned.tif", "palette.gif", "565.bmp", "grey.pgm"])
      expect(await left(name)).toEqual([]);
    const avif = await sharp(fileOf("rgb.png")).avif({ lossless: true }).toBuffer();
    const { reduced, pixels } = await decodeImage(avif, "a.avif");
    expect(reduced).toEqual(["colours may differ from other AVIF decoders"]);
    expect(pixels).toHaveLength(84);
  });
});

describe("files are refused by name", () => {
  const refused = (bytes: Uint8Array) => expect(decodeImage(bytes, "x.png")).rejects;

  it("that store floats, whole numbers of another kind, or luma and chroma as they are", async () => {
    await refused(floatTiff(0.5)).toThrow(/x\.png stores b-w as float, expected grey, RGB, a palette or CMYK as whole/);
    const of = (photometric: number, samples: number, format: number, bits = 8) =>
      tiffOf({ photometric, samples, format, bits, data: new Uint8Array((6 * samples * bits) / 8), width: 6 });
    await refused(of(1, 1, 2)).toThrow(/stores b-w as char/);
    await refused(of(1, 1, 2, 16)).toThrow(/stores grey16 as short/);
    await refused(of(1, 1, 1, 32)).toThrow(/stores b-w as uint/);
    await refused(of(2, 3, 3, 32)).toThrow(/as float/);
    await refused(of(6, 3, 1)).toThrow(/stores YCbCr without JPEG/);
  });

  it.each([
    [
      "a drawing",
      '<?xml version="1.0"?>\n<!-- a -->\n<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>',
      /is an SVG drawing/,
    ],
    ["a drawing without a head", "\ufeff <svg/>", /is an SVG drawing, which has no pixels/],
    ["text", "not an image", /x\.png cannot be read: it starts with 6e 6f 74 20 61 6e 20 69, expected PNG/],
    ["nothing", "", /x\.png cannot be read: it is empty/],
  ])("that hold %s", async (_, text, message) => {
    await refused(Buffer.from(text)).toThrow(message);
  });

  it.each(Object.keys(golden))("that are cut short, %s", async (name) => {
    const whole = fileOf(name);
    // A quarter of the smallest file is never enough. The pixels of GIF and TIFF files may end
    // before the file does.
    const cut = decodeImage(whole.subarray(0, Math.floor(whole.length / 4)), name);
    await expect(cut).rejects.toThrow(new RegExp(`${name.replace(".", "\\.")} (cannot be read|says it is)`));
  });

  it("that say they have more pixels than are read, before any is decoded", async () => {
    const large = /x\.png says it is an image of \d+ x \d+, expected 1 to 89478485 pixels/;
    await refused(pngOf({ width: 60_000, height: 60_000, depth: 8, colours: 2, rows: new Uint8Array(1) })).toThrow(
      large,
    );
    await refused(Buffer.from("P6 100000 100000 255\n")).toThrow(large);
    await refused(bitmap(40_000, 40_000)).toThrow(large);
    const tiff = { photometric: 1, samples: 1, format: 1, bits: 8, data: new Uint8Array(9) };
    await refused(tiffOf({ ...tiff, width: 40_000, height: 40_000 })).toThrow(large);
    const gif = Buffer.from(fileOf("palette.gif"));
    gif.writeUInt16LE(65_535, 6);
    gif.writeUInt16LE(65_535, 8);
    await refused(gif).toThrow(large);
    const jpeg = Buffer.from(fileOf("grey.jpg"));
    const frame = jpeg.indexOf(Buffer.from([0xff, 0xc0]));
    jpeg.writeUInt16BE(65_500, frame + 5);
    jpeg.writeUInt16BE(65_500, frame + 7);
    await refused(jpeg).toThrow(large);
    const webp = Buffer.from(fileOf("profile.webp"));
    const canvas = webp.indexOf("VP8X") + 12;
    webp.writeUIntLE(16_000, canvas, 3);
    webp.writeUIntLE(16_000, canvas + 3, 3);
    await refused(webp).toThrow(/x\.png (says it is an image of 16001 x 16001|cannot be read)/);
  });

  it("that say they have more pixels than they hold", async () => {
    await refused(pngOf({ width: 9000, height: 9000, depth: 8, colours: 2, rows: new Uint8Array(9) })).toThrow(
      /cannot be read/,
    );
    await refused(bitmap(9000, 9000)).toThrow(/x\.png cannot be read \(it is cut short\)/);
    await refused(Buffer.from("P6 9000 9000 255\nabc")).toThrow(/it is cut short/);
    await refused(Buffer.from("P2 3 1 255\n1 2")).toThrow(/it is cut short|no number/);
  });

  it("that are bitmaps of a kind that is not read, or damaged", async () => {
    const altered = (at: number, value: number) => {
      const bytes = Buffer.from(fileOf("palette.bmp"));
      bytes.writeUInt16LE(value, at);
      return bytes;
    };
    await refused(altered(30, 1)).toThrow(/is a bitmap of compression 1, expected 0 or 3/);
    await refused(altered(28, 7)).toThrow(/a pixel has 7 bits/);
    await refused(altered(10, 20)).toThrow(/cut short/);
    await refused(altered(46, 2)).toThrow(/its palette has no colour \d/);
    await refused(Buffer.from("P5 1 1 5\n\u0007")).toThrow(/it has the value 7, above 5/);
    await refused(Buffer.from("P2 1 1 70000\n1")).toThrow(/largest value is 70000/);
    await refused(Buffer.from("P5 x")).toThrow(/no number at byte 3/);
  });
});
