/** Emoji of two vendors, from small packages of the same form. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { paired } from "../src/index.js";
import { emoji } from "../src/entries/node.js";

let from = "";
beforeEach(async () => {
  from = await mkdtemp(join(tmpdir(), "emoji-"));
});
afterEach(() => rm(from, { recursive: true }));

const glyph = (unified: string, sheet_x: number, sheet_y: number, twitter = true) => ({
  ...{ unified, sheet_x, sheet_y, category: unified < "2" ? "Smileys" : "Flags" },
  ...{ has_img_google: true, has_img_twitter: twitter },
});

/**
 * A sheet of two columns and two rows of cells of 16 with a border.
 *
 * Pixel (x, y) is [x, y, base], opaque except for the corner of each glyph.
 */
async function put(vendor: "google" | "twitter", base: number, glyphs: unknown): Promise<string> {
  const folder = join(from, vendor);
  const raw = { width: 36, height: 36, channels: 4 as const };
  const pixels = Uint8Array.from({ length: 36 * 36 * 4 }, (_, i) => {
    const [x, y] = [Math.floor(i / 4) % 36, Math.floor(i / 4 / 36)];
    return [x, y, base, x % 18 === 1 && y % 18 === 1 ? 0 : 255][i % 4]!;
  });
  await mkdir(join(folder, "img", vendor, "sheets"), { recursive: true });
  await sharp(pixels, { raw })
    .png()
    .toFile(join(folder, "img", vendor, "sheets", "16.png"));
  await writeFile(join(folder, "emoji.json"), JSON.stringify(glyphs));
  return folder;
}

/** The cell at a column and row, with white for transparent pixels. */
const cell = (column: number, row: number, base: number): number[] =>
  Array.from({ length: 16 * 16 }, (_, i) =>
    i === 0 ? [255, 255, 255] : [18 * column + 1 + (i % 16), 18 * row + 1 + Math.floor(i / 16), base],
  ).flat();

describe("emoji", () => {
  it("are the glyphs that both vendors draw, by code, on white, in categories, and pairs", async () => {
    const google = await put("google", 7, [glyph("2B", 1, 0), glyph("1A", 0, 1), glyph("1B", 1, 1, false)]);
    const twitter = await put("twitter", 9, [glyph("1A", 1, 1), glyph("2B", 0, 0)]);
    const options = { size: 16, scale: [0, 255] } as const;
    const first = emoji({ vendor: "google", from: google, ...options });
    const second = emoji({ vendor: "twitter", from: twitter, ...options });
    const [a, b] = [await first.load(), await second.load()];
    expect(a.description).toBe("google emoji: 2 images, 16 x 16 x 3");
    expect([a.names, b.names]).toEqual([
      ["1A", "2B"],
      ["1A", "2B"],
    ]);
    expect([a.classes, ...a.labels(0, 2)]).toEqual([["Flags", "Smileys"], 1, 0]);
    expect([...a.images(0, 2)]).toEqual([...cell(0, 1, 7), ...cell(1, 0, 7)]);
    expect([...b.images(0, 2)]).toEqual([...cell(1, 1, 9), ...cell(0, 0, 9)]);
    expect((await paired(first, second).load()).size).toBe(2);
  });

  it("say what is missing or wrong", async () => {
    expect(() => emoji({ vendor: "apple" as never })).toThrow(
      /^vendor is "apple", expected one of "google", "twitter"/,
    );
    expect(() => emoji({ vendor: "google", size: 48 as never })).toThrow(/^size is 48/);
    expect(() => emoji({ vendor: "google", limit: 0 })).toThrow(/^limit is 0/);
    const google = await put("google", 7, [glyph("1A", 2, 0)]);
    await expect(emoji({ vendor: "google", from: google, size: 16 }).load()).rejects.toThrow(
      /^1A lies outside .*16\.png/,
    );
    await expect(emoji({ vendor: "google", from: google, size: 64 }).load()).rejects.toThrow(
      /has no img\/google\/sheets\/64\.png, expected that file of the npm package emoji-datasource-google; get it from https/,
    );
    for (const content of ["nonsense", "{}"]) {
      await writeFile(join(google, "emoji.json"), content);
      await expect(emoji({ vendor: "google", from: google, size: 16 }).load()).rejects.toThrow(
        /emoji\.json cannot be read/,
      );
    }
    await writeFile(join(google, "img/google/sheets/16.png"), "nonsense");
    await writeFile(join(google, "emoji.json"), "[]");
    await expect(emoji({ vendor: "google", from: google, size: 16 }).load()).rejects.toThrow(/16\.png cannot be read/);
  });
});
