/** Folders of image files as streams. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { collectFeatures } from "../../src/entries/images.js";
import { imageFolder } from "../../src/entries/node.js";
import { colourExtractor } from "../features/colour-extractor.js";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "image-folder-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function put(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
}

/** Portable maps in plain text. */
const grey = (pixel: number): string => `P2\n1 1\n255\n${pixel}\n`;
const colours = (...pixels: number[]): string => `P3\n${pixels.length / 3} 1\n255\n${pixels.join(" ")}\n`;

describe("folders of images", () => {
  it("come by name, each image of its own size, as often as they are asked for", async () => {
    await put({ "b.ppm": colours(1, 2, 3), "a.ppm": colours(10, 20, 30, 40, 50, 60), "c.pgm": grey(9) });
    const stream = await imageFolder(folder);
    expect(stream).toMatchObject({ count: 3, quantisation: "uint8", description: `3 image files in ${folder}` });
    for (let turn = 0; turn < 2; turn++) {
      const seen = [];
      for await (const { count, width, height, channels, pixels } of stream.batches())
        seen.push([count, height, width, channels, ...pixels]);
      expect(seen).toEqual([
        [1, 1, 2, 3, 10, 20, 30, 40, 50, 60],
        [1, 1, 1, 3, 1, 2, 3],
        [1, 1, 1, 1, 9],
      ]);
    }
  });

  it("pass what became of their files on with the features, and whether any was grey", async () => {
    await put({ "a.ppm": colours(1, 2, 3), "b.ppm": colours(7, 8, 9), "c.svg": "<svg/>" });
    const extractor = colourExtractor();
    const protocol = async () => (await collectFeatures(await imageFolder(folder), extractor)).protocol;
    const files = {
      found: 2,
      skipped: { "images of a kind that is not read": { count: 1, examples: ["c.svg"] } },
      reduced: {},
    };
    expect(await protocol()).toMatchObject({ grey: false, count: 2, files });
    await put({ "a.ppm": grey(7) });
    expect(await protocol()).toMatchObject({ grey: true, count: 2 });
  });
});
