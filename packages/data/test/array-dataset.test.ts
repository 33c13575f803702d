/** Arrays as data sets. */
import "@tensorflow/tfjs-backend-cpu";
import { random } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { arrayDataset, subset, type ExampleArray } from "../src/index.js";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

/** Five points in space with coordinates 10 i, 10 i + 1, 10 i + 2 and the label i. */
const points: ExampleArray = {
  values: Float32Array.from({ length: 15 }, (_, i) => 10 * Math.floor(i / 3) + (i % 3)),
  shape: [5, 3],
};
const labels: ExampleArray = { values: Uint8Array.of(0, 1, 2, 3, 4), shape: [5] };
const space = () => arrayDataset("space", { points, labels });

it("takes plain numbers and tensors, as a source of its own", async () => {
  const set = arrayDataset({
    points: [
      [0, 1],
      [2.5, 3],
      [4, 5],
    ],
    labels: [2, 0, 1],
    more: tf.tensor2d([[7], [8], [9]]),
  });
  const { description, size } = await set.load();
  expect([description, size]).toEqual(["3 examples", 3]);
  const { points: some, labels: classes, more } = set.take(Int32Array.of(2, 1));
  expect([some.dtype, some.arraySync()]).toEqual([
    "float32",
    [
      [4, 5],
      [2.5, 3],
    ],
  ]);
  expect([classes.dtype, classes.arraySync()]).toEqual(["int32", [1, 0]]);
  expect(more.arraySync()).toEqual([[9], [8]]);
  expect(() => arrayDataset({ points: [[0, 1], [2]] })).toThrow(/points holds rows of several lengths/);
  expect(() => arrayDataset({ points: ["a"] as never })).toThrow(/other things than numbers/);
});

describe("arrayDataset", () => {
  it("keeps rows of all arrays together, floats as float32 and whole numbers as int32", () => {
    const before = tf.memory().numTensors;
    const batches = space().batches({ batchSize: 2, key: random.key(0) });
    const seen: number[] = [];
    for (let iteration = 0; iteration < batches.perEpoch; iteration++) {
      const batch = batches.at(iteration);
      expect([batch.points.dtype, batch.labels.dtype]).toEqual(["float32", "int32"]);
      expect(batch.points.shape).toEqual([batch.labels.size, 3]);
      const rows = batch.points.arraySync() as number[][];
      [...batch.labels.dataSync()].forEach((label, i) => {
        expect(rows[i]).toEqual([10 * label, 10 * label + 1, 10 * label + 2]);
        seen.push(label);
      });
      tf.dispose(batch);
    }
    expect(seen.sort()).toEqual([0, 1, 2, 3, 4]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("refuses what does not fit together", () => {
    expect(() => arrayDataset("", {})).toThrow(/^there is no array/);
    expect(() => arrayDataset("", { points, labels: { values: new Uint8Array(4), shape: [4] } })).toThrow(
      /^labels has 4 examples and points has 5, expected equal numbers/,
    );
    expect(() => arrayDataset("", { points: { values: new Float32Array(4), shape: [5, 3] } })).toThrow(
      /^points has 4 values, expected 15 for the shape \[5,3\]/,
    );
    expect(() => arrayDataset("", { points: { values: new Float32Array(0), shape: [0, 3] } })).toThrow(
      /the number of examples of points is 0/,
    );
  });
});

describe("subset", () => {
  it("is the chosen examples under numbers of their own", () => {
    const odd = subset(space(), Int32Array.of(3, 1));
    expect([odd.size, odd.description]).toEqual([2, "2 of space"]);
    const batch = odd.take(Int32Array.of(1, 0, 1));
    expect([...batch.labels.dataSync()]).toEqual([1, 3, 1]);
    tf.dispose(batch);
    expect(() => odd.take(Int32Array.of(2))).toThrow(/^example 2 is asked for, expected numbers in 0 \.\. 1/);
  });

  it("refuses numbers of no example, and none", () => {
    expect(() => subset(space(), Int32Array.of(0, 5))).toThrow(/^example 5 is chosen, expected numbers in 0 \.\. 4/);
    expect(() => subset(space(), new Int32Array(0))).toThrow(/^no example is chosen/);
  });
});
