/** Points with the part of their distribution as labels. */
import "@tensorflow/tfjs-backend-cpu";
import { random } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { checkerboard, gaussianRing, pinwheel, pointDataset, twoMoons } from "../../src/index.js";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const key = random.key(0);

describe("labels of points", () => {
  it("name the component of a mixture: without noise to speak of, the nearest mean", async () => {
    const data = await gaussianRing({ count: 8, radius: 2, sd: 1e-3 }).source({ size: 500, seed: 1 }).load();
    const { points, labels } = data.batches({ batchSize: 500, key }).at(0);
    const angles = (points.arraySync() as number[][]).map(
      ([x, y]) => Math.round((Math.atan2(y!, x!) / (2 * Math.PI)) * 8 + 8) % 8,
    );
    expect([...labels.dataSync()]).toEqual(angles);
    expect(new Set(angles).size).toBe(8);
    tf.dispose([points, labels]);
  });

  it("name the moon: without noise the first is above -0.2, the second below 0.8", async () => {
    const { points, labels } = (await twoMoons({ noise: 0 }).source({ size: 300 }).load()).take(
      Int32Array.from({ length: 300 }, (_, i) => i),
    );
    const rows = points.arraySync() as number[][];
    labels.dataSync().forEach((label, i) => {
      // Centres (-1, -0.2) and (1, 0.8), radius 2.
      const [x, y] = label === 0 ? [-1, -0.2] : [1, 0.8];
      expect(Math.hypot(rows[i]![0]! - x!, rows[i]![1]! - y!)).toBeCloseTo(2, 5);
      expect(label === 0 ? rows[i]![1]! + 0.2 : 0.8 - rows[i]![1]!).toBeGreaterThanOrEqual(-1e-6);
    });
    tf.dispose([points, labels]);
  });

  it("name the blade, leave the points what they were, and are there only where parts are", async () => {
    const distribution = pinwheel({ radialSd: 0, tangentialSd: 0, rate: 0 });
    const data = await distribution.source({ size: 200, seed: 3 }).load();
    expect(data.all().points).toEqual(distribution.sampleArray(random.key(3), 200));
    const { points, labels } = data.take(Int32Array.of(4, 9, 100));
    const rows = points.arraySync() as number[][];
    labels.dataSync().forEach((blade, i) => {
      expect(rows[i]![0]).toBeCloseTo(2 * Math.cos((2 * Math.PI * blade) / 5), 5);
      expect(rows[i]![1]).toBeCloseTo(2 * Math.sin((2 * Math.PI * blade) / 5), 5);
    });
    const plain = (await checkerboard().source({ size: 5 }).load()).take(Int32Array.of(0));
    expect(Object.keys(plain)).toEqual(["points"]);
    tf.dispose([points, labels, plain.points]);
  });

  it("may be given with points of one's own", () => {
    const data = pointDataset("two", Float32Array.of(1, 2, 3, 4), Int32Array.of(7, 8));
    const { points, labels } = data.take(Int32Array.of(1));
    expect([...points.dataSync(), ...labels.dataSync()]).toEqual([3, 4, 8]);
    tf.dispose([points, labels]);
    expect(() => pointDataset("two", Float32Array.of(1, 2, 3, 4), Int32Array.of(7))).toThrow(
      /^labels has 1 examples and points has 2/,
    );
  });
});
