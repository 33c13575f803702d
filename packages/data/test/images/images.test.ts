/** Folders of pictures as training data: crops, sizes, labels, the cache, and refusals. */
import "@tensorflow/tfjs-backend-cpu";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { random } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Crop } from "../../src/index.js";
import { images, type ImagesOptions } from "../../src/entries/node.js";
import { greyPng } from "./image-bytes.js";

let base = "";
let folder = "";
let cache = "";
beforeAll(async () => {
  await tf.setBackend("cpu");
});
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "images-"));
  [folder, cache] = [join(base, "pictures"), join(base, "cache")];
});
afterEach(() => rm(base, { recursive: true }));

async function put(files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
}

/** Portable maps in plain text. */
const map = (magic: "P2" | "P3", width: number, values: readonly number[]): string =>
  `${magic}\n${width} ${values.length / width / (magic === "P3" ? 3 : 1)}\n255\n${values.join(" ")}\n`;
const grey = (width: number, values: readonly number[]): string => map("P2", width, values);

/** 7 rows of 5: (7 i) mod 256, row by row. */
const sevenByFive = grey(
  5,
  Array.from({ length: 35 }, (_, i) => (7 * i) % 256),
);
const bytes: Pick<ImagesOptions, "scale"> = { scale: [0, 255] };

describe("pictures at a size of one's choice", () => {
  // PIL 12: Image.fromarray(a, mode="F"), crop, resize(..., Image.BILINEAR), halves rounded up.
  // "shorter-side" is torchvision's Resize and CenterCrop.
  it.each<[string, Crop | undefined, number, number[]]>([
    ["the middle by default", undefined, 3, [53, 64, 75, 108, 119, 130, 163, 174, 185]],
    ["the whole", "none", 3, [33, 44, 55, 108, 119, 130, 183, 194, 205]],
    ["a window", { top: 2, left: 1, height: 4, width: 3 }, 3, [88, 95, 102, 130, 137, 144, 172, 179, 186]],
    ["the middle, cut after resizing", "shorter-side", 3, [21, 32, 43, 76, 87, 98, 140, 151, 162]],
    [
      "the middle of five rows",
      "shorter-side",
      4,
      [13, 22, 30, 38, 56, 64, 73, 81, 107, 115, 123, 131, 157, 165, 174, 182],
    ],
  ])("are those of Pillow: %s", async (_, crop, size, expected) => {
    await put({ "a.pgm": sevenByFive });
    const data = await images({ from: folder, size, grey: true, ...(crop && { crop }), ...bytes }).load();
    expect(data.all()).toEqual({ images: Float32Array.from(expected), shape: [1, size, size, 1] });
  });

  it("of a portrait of 218 x 178 are its rows 20 to 197 and all columns", async () => {
    const rows = (from: number, to: number) =>
      grey(
        178,
        Array.from({ length: (to - from) * 178 }, (_, i) => from + Math.floor(i / 178)),
      );
    await put({ "whole.pgm": rows(0, 218), "z.pgm": rows(20, 198) });
    const all = (await images({ from: folder, size: 64, grey: true, ...bytes }).load()).all().images;
    expect(all.subarray(0, 64 * 64)).toEqual(all.subarray(64 * 64));
    expect([all[0], all[64 * 64 - 1]]).toEqual([21, 196]);
  });

  it("of that size already are left as they are, whatever the crop", async () => {
    const values = Array.from({ length: 48 }, (_, i) => (37 * i) % 256);
    await put({ "a.ppm": map("P3", 4, values) });
    for (const crop of ["center", "none", "shorter-side"] as const)
      expect([...(await images({ from: folder, size: 4, crop, ...bytes }).load()).all().images]).toEqual(values);
  });

  it("have three channels, or one by Pillow's convert('L')", async () => {
    await put({
      "a.ppm": map("P3", 4, [10, 200, 30, 255, 255, 255, 0, 0, 7, 123, 45, 67]),
      "b.pgm": grey(4, [9, 8, 7, 6]),
    });
    const load = async (more: Pick<ImagesOptions, "grey">) =>
      (
        await images({
          from: folder,
          size: 1,
          crop: { top: 0, left: 0, height: 1, width: 1 },
          ...bytes,
          ...more,
        }).load()
      ).all();
    expect(await load({ grey: true })).toEqual({ images: Float32Array.of(124, 9), shape: [2, 1, 1, 1] });
    expect(await load({})).toEqual({ images: Float32Array.of(10, 200, 30, 9, 9, 9), shape: [2, 1, 1, 3] });
  });
});

describe("a folder of pictures as a data set", () => {
  it("gives batches of images, and of labels where folders are classes", async () => {
    await put({
      "dogs/a.pgm": grey(1, [0]),
      "cats/deep/b.pgm": grey(1, [255]),
      "dogs/c.pgm": grey(1, [0]),
      "notes.txt": "",
    });
    const plain = await images({ from: folder, size: 1 }).load();
    expect(plain.description).toBe(`3 pictures in ${folder}, 1 x 1 x 3`);
    expect(plain.names).toEqual(["cats/deep/b.pgm", "dogs/a.pgm", "dogs/c.pgm"]);
    expect(plain.files).toMatchObject({ found: 3, skipped: { "other files": { count: 1 } }, reduced: {} });
    const labelled = await images({ from: folder, size: 1, grey: true, labels: "folders" }).load();
    expect(labelled.classes).toEqual(["cats", "dogs"]);
    expect([...labelled.labels(0, 3)]).toEqual([0, 1, 1]);
    const batch = labelled.batches({ batchSize: 3, key: random.key(0) }).at(0);
    const values = [...batch.images.dataSync()];
    expect([...batch.labels.dataSync()]).toEqual(values.map((value) => (value === 1 ? 0 : 1)));
    tf.dispose(batch);
    const first = await images({ from: folder, size: 1, labels: "folders", limit: 1 }).load();
    expect([first.size, first.classes]).toEqual([1, ["cats", "dogs"]]);
    await put({ "e.pgm": grey(1, [0]) });
    await expect(images({ from: folder, size: 1, labels: "folders" }).load()).rejects.toThrow(
      /^e\.pgm lies directly in .*, expected every picture in a folder that is its class/,
    );
  });

  it("takes the first pictures by name, and decodes no other", async () => {
    await put({ "a.pgm": grey(1, [5]), "b.pgm": grey(1, [6]), "c.pgm": "P2\n9 9\n255\n1" });
    const data = await images({ from: folder, size: 1, grey: true, limit: 2, ...bytes }).load();
    expect([...data.all().images]).toEqual([5, 6]);
    await expect(images({ from: folder, size: 1, limit: 4 }).load()).rejects.toThrow(
      /^limit is 4, .*there are 3 pictures/,
    );
    await expect(images({ from: folder, size: 1 }).load()).rejects.toThrow(/c\.pgm/);
  });

  it("is split by name, and the parts are described", async () => {
    const names = Array.from({ length: 12 }, (_, i) => `${i + 10}.pgm`);
    await put(Object.fromEntries(names.map((name, i) => [name, grey(1, [i])])));
    const part = (split: "train" | "test") => images({ from: folder, size: 1, split, testShare: 0.5, limit: 2 }).load();
    const [train, test] = [await part("train"), await part("test")];
    expect(new Set([...train.names, ...test.names]).size).toBe(4);
    expect(test.description).toMatch(/^2 test pictures in /);
    expect(() => images({ from: folder, size: 1, testShare: 2 })).toThrow(/^testShare is 2/);
  });

  it("is told from pictures too small for a window, and from more pixels than memory holds", async () => {
    await put({ "a.pgm": sevenByFive });
    const window = { top: 4, left: 0, height: 4, width: 4 };
    await expect(images({ from: folder, size: 2, crop: window }).load()).rejects.toThrow(
      /^a\.pgm is 7 pixels high and 5 wide, expected at least 8 and 4, where the window ends/,
    );
    await expect(images({ from: folder, size: 10_000_000 }).load()).rejects.toThrow(
      /^the pixels of shape .* takes 300 TB/,
    );
  });

  it("checks its options at once", () => {
    const wrong = (options: object) => () => images({ from: folder, size: 8, ...options });
    expect(wrong({ from: "" })).toThrow(/^from is "", expected the path of a folder/);
    expect(wrong({ size: 0 })).toThrow(/^size is 0/);
    expect(wrong({ crop: "middle" })).toThrow(/^crop is "middle", expected "center", "shorter-side", "none" or/);
    expect(wrong({ crop: { top: -1, left: 0, height: 1, width: 1 } })).toThrow(/^crop\.top is -1/);
    expect(wrong({ crop: { top: 0, left: 0, height: 1 } })).toThrow(/^crop\.width is undefined/);
    expect(wrong({ limit: 0 })).toThrow(/^limit is 0/);
    expect(wrong({ scale: [1, 0] })).toThrow(/^scale is/);
    expect(wrong({ labels: "names" })).toThrow(/^labels is "names"/);
    expect(wrong({ cache: "" })).toThrow(/^cache is ""/);
  });
});

describe("the cache of decoded pixels", () => {
  let decoded = 0;
  const load = async (more: Partial<ImagesOptions> = {}) => {
    decoded = 0;
    const onProgress = () => (decoded += 1);
    const data = await images({ from: folder, size: 2, grey: true, cache, onProgress, ...bytes, ...more }).load();
    return { values: [...data.all().images], reduced: data.files.reduced };
  };
  const kept = () => readdir(cache);

  it("decodes pictures once, and gives the same pixels and remarks again", async () => {
    await put({ "a.pgm": sevenByFive, "b.png": greyPng([1, 2, 3, 4], { depth: 16 }) });
    const first = await load();
    expect(decoded).toBe(2);
    expect(Object.keys(first.reduced)).toEqual(["16 bits cut to 8"]);
    expect(await load()).toEqual(first);
    expect(decoded).toBe(0);
    expect(await load({ cache: join(base, "elsewhere") })).toEqual(first);
    expect(decoded).toBe(2);
    expect(await kept()).toHaveLength(1);
  });

  it("serves no other pictures, sizes, times of change, or settings", async () => {
    await put({ "a.pgm": grey(2, [1, 2, 3, 4]), "b.pgm": grey(2, [5, 6, 7, 8]) });
    expect((await load()).values).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const changes: (() => Promise<Partial<ImagesOptions>>)[] = [
      async () => ({ crop: "none" }),
      async () => ({ grey: false }),
      async () => ({ size: 1 }),
      async () => ({ limit: 1 }),
      async () => ({ crop: { top: 0, left: 0, height: 1, width: 1 } }),
      async () => (await put({ "c.pgm": grey(2, [9, 9, 9, 9]) }), {}),
      async () => (await rm(join(folder, "c.pgm")), await utimes(join(folder, "a.pgm"), 1, 1), {}),
    ];
    for (const [i, change] of changes.entries()) {
      await load(await change());
      expect([i, decoded > 0]).toEqual([i, true]);
      expect(await kept()).toHaveLength(i + 2);
    }
    const { mtime } = await stat(join(folder, "b.pgm"));
    await put({ "b.pgm": grey(2, [50, 6, 7, 8]) });
    await utimes(join(folder, "b.pgm"), mtime, mtime);
    expect((await load()).values).toEqual([1, 2, 3, 4, 50, 6, 7, 8]);
  });

  it("has no half-written file, and decodes anew where one is not whole", async () => {
    await put({ "a.pgm": grey(2, [1, 2, 3, 4]) });
    const { values } = await load();
    const [name] = await kept();
    const path = join(cache, name!);
    const whole = await readFile(path);
    const flipped = Uint8Array.from(whole, (byte, i) => (i === 2 ? byte ^ 1 : byte));
    for (const broken of [
      whole.subarray(0, 3),
      whole.subarray(0, 4),
      whole.subarray(0, -3),
      flipped,
      new Uint8Array(0),
    ]) {
      await writeFile(path, broken);
      expect((await load()).values).toEqual(values);
      expect(decoded).toBe(1);
      expect(await readFile(path)).toEqual(whole);
    }
    await put({ "b.pgm": "P2\n9 9\n255\n1" });
    await expect(load()).rejects.toThrow(/b\.pgm/);
    expect(await kept()).toEqual([name]);
  });
});
