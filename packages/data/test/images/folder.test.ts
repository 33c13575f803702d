/** Open folders of image files: their images, the report on other files, and errors. */
import { mkdir, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openImageFolder } from "../../src/entries/node.js";
import { bitmap, floatTiff, greyPng } from "./image-bytes.js";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "image-folder-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function put(files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
}

async function all() {
  const { files, read } = await openImageFolder(folder);
  const images = [];
  for (const file of files) images.push(await read(file));
  return images;
}

const coloured = (pixels: number[], channels: 3 | 4) =>
  sharp(Uint8Array.from(pixels), { raw: { width: pixels.length / channels, height: 1, channels } })
    .png()
    .toBuffer();

describe("folders of images", () => {
  it("are read by name, nested ones too, each of its size, and account for every file", async () => {
    await put({
      "a.png": await coloured([10, 20, 30, 40, 50, 60], 3),
      "b/c.png": await coloured([1, 2, 3, 128], 4),
      "b/d.bmp": bitmap(),
      "notes.txt": "not an image",
      "._a.png": "of a Mac",
      ".ipynb_checkpoints/a-checkpoint.png": "a copy",
    });
    const opened = await openImageFolder(folder);
    expect(opened.files).toEqual(["a.png", "b/c.png", "b/d.bmp"]);
    const skipped = {
      hidden: { count: 2, examples: ["._a.png", ".ipynb_checkpoints/"] },
      "other files": { count: 1, examples: ["notes.txt"] },
    };
    expect(opened.report()).toEqual({ found: 3, skipped, reduced: {} });
    for (let turn = 0; turn < 2; turn++) {
      const images = await Promise.all(opened.files.map((file) => opened.read(file)));
      expect(images.map(({ width, channels, pixels }) => [width, channels, ...pixels])).toEqual([
        [2, 3, 10, 20, 30, 40, 50, 60],
        [1, 3, 1, 2, 3],
        [1, 3, 0, 0, 0],
      ]);
    }
    const reduced = { "transparency dropped": { count: 1, examples: ["b/c.png"] } };
    expect(opened.report()).toEqual({ found: 3, skipped, reduced });
  });

  it("are read by content where names are mistaken", async () => {
    await put({ "a.jpg": greyPng([1, 2, 3]), "b.png": bitmap() });
    expect((await all()).map(({ channels, width }) => [channels, width])).toEqual([
      [1, 3],
      [3, 1],
    ]);
  });

  it("are refused at once where a file is no image, and when they come where one is damaged", async () => {
    await put({ "a.png": greyPng([1]), "z.png": "broken" });
    await expect(openImageFolder(folder)).rejects.toThrow(
      /z\.png cannot be read: it starts with 62 72 6f 6b 65 6e, expected/,
    );
    await put({ "z.png": "<svg xmlns='http://www.w3.org/2000/svg'/>" });
    await expect(openImageFolder(folder)).rejects.toThrow(/z\.png cannot be read: it is an SVG drawing/);
    await put({ "z.png": greyPng([1, 2, 3]).subarray(0, 50) });
    await expect(all()).rejects.toThrow(/z\.png cannot be read \(.*\), expected a whole image/);
    await put({ "z.png": floatTiff(0.5) });
    await expect(all()).rejects.toThrow(/z\.png stores b-w as float/);
  });

  it("hold no file of more than a gibibyte", async () => {
    await put({ "a.png": greyPng([1]) });
    await truncate(join(folder, "a.png"), 2 ** 30 + 1);
    await expect(openImageFolder(folder)).rejects.toThrow(/a\.png has 1073741825 bytes, expected at most 1073741824/);
  });

  it("say what they hold instead of images", async () => {
    await expect(openImageFolder(join(folder, "nowhere"))).rejects.toThrow(/nowhere cannot be read/);
    await expect(openImageFolder(folder)).rejects.toThrow(/holds no images, expected PNG, JPEG/);
    await put({ ".a.png": "", "b.heic": "", "c.txt": "" });
    await expect(openImageFolder(folder)).rejects.toThrow(
      /holds no images \(left out: 1 hidden, 1 images of a kind that is not read, 1 other files\)/,
    );
  });
});
