/** Images in memory: scales, batches, labels, and wrong options. */
import "@tensorflow/tfjs-backend-cpu";
import { random } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { imageDataset, type LabelledImageDatasetOptions } from "../../src/index.js";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

/** Six images of 2 x 1 x 3 in which every byte of image i is i times 51. */
const options: LabelledImageDatasetOptions = {
  description: "steps",
  bytes: Uint8Array.from({ length: 36 }, (_, i) => 51 * Math.floor(i / 6)),
  labels: Uint8Array.of(0, 1, 2, 3, 4, 5),
  imageShape: [2, 1, 3],
};

describe("imageDataset", () => {
  it("scales 0 and 255 to the ends and the rest in between", () => {
    const unit = imageDataset({ ...options, scale: [0, 1] });
    expect(unit.images(0, 6).filter((_, i) => i % 6 === 0)).toEqual(Float32Array.of(0, 0.2, 0.4, 0.6, 0.8, 1));
    const { images, labels, shape } = imageDataset(options).all();
    expect([images[0], images[35]]).toEqual([-1, 1]);
    expect([...labels]).toEqual([0, 1, 2, 3, 4, 5]);
    expect(shape).toEqual([6, 2, 1, 3]);
  });

  it("keeps image and label together in batches of tensors", () => {
    const before = tf.memory().numTensors;
    const batches = imageDataset(options).batches({ batchSize: 4, key: random.key(0) });
    const seen: number[] = [];
    for (const [iteration, count] of [4, 2].entries()) {
      const { images, labels } = batches.at(iteration);
      expect([images.shape, images.dtype]).toEqual([[count, 2, 1, 3], "float32"]);
      expect([labels.shape, labels.dtype]).toEqual([[count], "int32"]);
      const values = images.dataSync();
      labels.dataSync().forEach((label, i) => {
        seen.push(label);
        for (let k = 0; k < 6; k++) expect(values[6 * i + k]).toBeCloseTo(-1 + (2 * label) / 5, 6);
      });
      tf.dispose([images, labels]);
    }
    expect(seen.sort()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("limits to the first examples", () => {
    const limited = imageDataset({ ...options, limit: 2 });
    expect(limited.size).toBe(2);
    expect([...limited.labels(0, 2)]).toEqual([0, 1]);
    expect(limited.all().images).toHaveLength(12);
    expect(() => limited.images(1, 2)).toThrow(/^start \+ count is 3, .*there are 2 examples/);
  });

  it.each<[string, Partial<LabelledImageDatasetOptions>, RegExp]>([
    ["labels", { labels: new Uint8Array(5) }, /^there are 6 images and 5 labels, expected one label per image/],
    ["bytes", { bytes: new Uint8Array(35) }, /^there are 35 bytes, expected 6 for each image of \[2,1,3\]/],
    ["nothing", { bytes: new Uint8Array(0), labels: new Uint8Array(0) }, /^there are 0 bytes/],
    ["limit", { limit: 7 }, /^limit is 7, .*there are 6 examples/],
    ["limit 0", { limit: 0 }, /^limit is 0, expected an integer >= 1/],
    ["scale", { scale: [1, -1] }, /^scale is \[1, -1\], expected low < high/],
    ["scale of three", { scale: [0, 1, 2] as never }, /^scale is \[0,1,2\], expected \[low, high\]/],
    ["shape", { imageShape: [0, 1, 3] }, /^height is 0/],
  ])("refuses wrong %s", (_, wrong, message) => {
    expect(() => imageDataset({ ...options, ...wrong })).toThrow(message);
  });
});

describe("imageDataset without labels", () => {
  const { labels: _, ...plain } = options;

  it("has batches of images alone", () => {
    const dataset = imageDataset(plain);
    const batch = dataset.take(Int32Array.of(5, 0));
    expect(Object.keys(batch)).toEqual(["images"]);
    expect([...batch.images.dataSync()]).toEqual([...new Array<number>(6).fill(1), ...new Array<number>(6).fill(-1)]);
    expect(Object.keys(dataset.all())).toEqual(["images", "shape"]);
    tf.dispose(batch);
  });
});

describe("imageDataset by number", () => {
  it("gives the examples asked for in their order, one of them twice too", () => {
    const batch = imageDataset({ ...options, limit: 4 }).take(Int32Array.of(3, 1, 3));
    expect([...batch.labels.dataSync()]).toEqual([3, 1, 3]);
    tf.dispose(batch);
    expect(() => imageDataset({ ...options, limit: 4 }).take(Int32Array.of(0, 4))).toThrow(
      /^example 4 is asked for, expected numbers in 0 \.\. 3/,
    );
  });

  it("knows labels beyond a byte, and refuses one that names no class", () => {
    const labels = Int32Array.of(0, 1, 2, 3, 4, 300);
    const batch = imageDataset({ ...options, labels }).take(Int32Array.of(5));
    expect([...batch.labels.dataSync()]).toEqual([300]);
    tf.dispose(batch);
    const classes = ["a", "b", "c", "d", "e", "f"];
    expect(imageDataset({ ...options, classes }).classes).toEqual(classes);
    expect(() => imageDataset({ ...options, labels, classes })).toThrow(
      /^example 5 has the label 300, expected 0 \.\. 5/,
    );
  });
});
