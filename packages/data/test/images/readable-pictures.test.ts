/** Pictures of a folder in spite of damaged ones, and images like those of a data set. */
import "@tensorflow/tfjs-backend-cpu";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { imageDataset } from "../../src/index.js";
import { images, picturesLike, readablePictures } from "../../src/entries/node.js";

let folder = "";
beforeAll(async () => {
  await tf.setBackend("cpu");
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "readable-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function put(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
}

const grey = (value: number, width = 6, height = 4): string =>
  `P2\n${width} ${height}\n255\n${Array.from({ length: width * height }, (_, i) => value + i).join(" ")}\n`;

const form = { size: 3, grey: true } as const;

describe("pictures of a folder", () => {
  it("are read like those of a data set; damaged ones are named, other files counted", async () => {
    await put({
      "b.pgm": grey(10),
      "sub/a.pgm": grey(200),
      "c.pgm": "P2\n6 4\n255\n1 2 3",
      "d.png": "text",
      "notes.txt": "",
    });
    const done: number[] = [];
    const { images: read, unreadable } = await readablePictures(folder, {
      ...form,
      onProgress: (at) => done.push(at.done),
    });
    expect(read.names).toEqual(["b.pgm", "sub/a.pgm"]);
    expect(unreadable.map(({ name }) => name)).toEqual(["c.pgm", "d.png"]);
    expect(unreadable[0]!.why).toMatch(/c\.pgm cannot be read/);
    expect(unreadable[1]!.why).toMatch(/d\.png cannot be read: it starts with 74 65 78 74/);
    expect(read.files.skipped).toEqual({ "other files": { count: 1, examples: ["notes.txt"] } });
    expect(done).toEqual([1, 2, 3, 4]);
    await rm(join(folder, "c.pgm"));
    await rm(join(folder, "d.png"));
    expect(read.all()).toEqual((await images({ from: folder, ...form }).load()).all());
  });

  it("are judged one by one against a window", async () => {
    await put({ "large.pgm": grey(10, 8, 8), "small.pgm": grey(10, 4, 4) });
    const crop = { top: 1, left: 1, height: 5, width: 5 };
    const { images: read, unreadable } = await readablePictures(folder, { ...form, crop });
    expect(read.names).toEqual(["large.pgm"]);
    expect(unreadable).toMatchObject([{ name: "small.pgm", why: expect.stringMatching(/4 pixels high and 4 wide/) }]);
  });

  it("may be one file", async () => {
    await put({ "one.pgm": grey(10), "other.pgm": grey(20) });
    const { images: read } = await readablePictures(join(folder, "one.pgm"), form);
    expect([read.size, read.names]).toEqual([1, ["one.pgm"]]);
  });

  it("are refused where there are none", async () => {
    await expect(readablePictures(folder, form)).rejects.toThrow(/holds no images/);
    await expect(readablePictures(join(folder, "missing"), form)).rejects.toThrow(/missing cannot be read/);
    await put({ "a.png": "text" });
    await expect(readablePictures(folder, form)).rejects.toThrow(
      /^none of the 1 pictures in .* can be read \(.*a\.png/,
    );
  });
});

describe("the form of a data set", () => {
  it("of pictures is that of its options", async () => {
    await put({ "a.pgm": grey(10) });
    const options = { size: 4, crop: "none", grey: true, scale: [0, 1] } as const;
    expect(picturesLike(await images({ from: folder, ...options }).load())).toEqual(options);
    expect(picturesLike(await images({ from: folder, size: 2 }).load())).toEqual({ size: 2 });
  });

  it("of other images is their size, channels and scale", () => {
    const digits = (imageShape: readonly [number, number, number]) =>
      imageDataset({ description: "digits", bytes: new Uint8Array(imageShape.reduce((a, b) => a * b)), imageShape });
    expect(picturesLike(digits([28, 28, 1]))).toEqual({ size: 28, scale: [-1, 1], grey: true });
    expect(picturesLike(digits([32, 32, 3]))).toEqual({ size: 32, scale: [-1, 1] });
    expect(() => picturesLike(digits([28, 20, 1]))).toThrow(/"digits" are 28 x 20 x 1, expected squares/);
    expect(() => picturesLike({ description: "points" })).toThrow(
      /"points" has no imageShape or no scale, expected images/,
    );
  });
});
