/** Anomalies told from test data by scores that are known, and where anomalies come from. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { imageDataset, writeNpz, type ImageBatch } from "@ergodic/data";
import { useEngine } from "@ergodic/engine";
import { random } from "@ergodic/tensor";
import type { Dataset, Learner } from "@ergodic/training";
import { beforeAll, describe, expect, it } from "vitest";
import { anomaliesOf } from "../src/evaluation/anomalies.js";
import {
  describeDetection,
  detectionMetrics,
  detectionScores,
  type DetectionMetric,
} from "../src/evaluation/detection.js";
import { readPlan } from "../src/evaluation/plan.js";
import { emptyFolder } from "./support.js";

beforeAll(() => useEngine("cpu"));

/** Numbers as examples, in their order. */
const numbers = (...values: readonly number[]): Dataset<tf.Tensor> => ({
  description: `${values.length} numbers`,
  size: values.length,
  batches: ({ batchSize }) => ({
    perEpoch: 1,
    at: (i) => tf.tensor1d(values.slice(i * batchSize, (i + 1) * batchSize)),
  }),
});

/** A model whose score is the example itself, plus 100, which changes no order. */
const learner = {
  score: (_: unknown, batch: tf.Tensor) => Promise.resolve(tf.add(100, batch)),
} as unknown as Learner;

const detect = (test: Dataset<unknown>, data: Dataset<unknown>, metrics: readonly DetectionMetric[], n = 1000) =>
  detectionScores({
    ...{ learner, state: { params: [] }, metrics, test, n, key: random.key(0), onStage: () => undefined },
    anomalies: { given: "numbers", data },
  });

describe("scores that are known", () => {
  // Golden values, as scikit-learn computes them, for labels 0,0,1,1,0,1,0,1,1,0.
  const test = numbers(0.1, 0.4, 0.4, 0.2, 0.7);
  const anomalies = numbers(0.35, 0.8, 0.9, 0.4, 0.7);

  it("give every metric its golden value, and the JSON what it takes to repeat it", async () => {
    const scores = await detect(test, anomalies, detectionMetrics);
    expect(scores.auroc!.value).toBeCloseTo(0.78, 12);
    expect(scores.auprc!.averagePrecision).toBeCloseTo(0.789285714286, 11);
    expect(scores.auprc!.value).toBeCloseTo(0.826785714286, 11);
    expect(scores.auprc!.chance).toBe(0.5);
    expect(scores.fprAtTpr).toEqual({ value: 0.6, tpr: 0.95 });
    // Without a false alarm: above 0.7 there are 0.8 and 0.9.
    expect(scores.tprAtFpr).toEqual({ value: 0.4, fpr: 0.05 });
    expect(scores.detection).toMatchObject({
      positive: "anomalies",
      test: { description: "5 numbers", count: 5 },
      anomalies: { given: "numbers", description: "5 numbers", count: 5 },
    });
    expect(scores.detection!.test.mean).toBeCloseTo(100.36, 4);
    const text = describeDetection(scores);
    expect(text).toMatch(/^AUROC +0\.78$/m);
    expect(text).toMatch(/^AUPRC +0\.827 +by trapezoids; average precision 0\.789, by chance 0\.5$/m);
    expect(text).toMatch(/^anomalies +5 of 5 numbers: mean score 101$/m);
  });

  it("are high for anomalies: turned round, the area is 1 minus it", async () => {
    const { auroc, auprc } = await detect(anomalies, test, ["auroc"]);
    expect(auroc!.value).toBeCloseTo(0.22, 12);
    expect(auprc).toBeUndefined();
  });

  it("are taken of n examples at most, in parts", async () => {
    const many = numbers(...Array.from({ length: 1200 }, (_, i) => i));
    const all = await detect(many, many, ["auroc"], 2000);
    expect([all.detection!.test.count, all.auroc!.value]).toEqual([1200, 0.5]);
    const few = await detect(many, many, ["auroc"], 700);
    expect(few.detection!.anomalies).toMatchObject({ count: 700, mean: 100 + 699 / 2 });
  });

  it("are refused when they are no numbers, or no column, and asked of a learner that has none", async () => {
    await expect(detect(test, numbers(NaN), ["auroc"])).rejects.toThrow(/scores\[5\] is NaN/);
    const matrix = { ...learner, score: () => Promise.resolve(tf.zeros([2, 2]) as unknown as tf.Tensor1D) };
    const mute = { init: learner.init, update: learner.update };
    const by = (other: Learner) =>
      detectionScores({
        ...{ learner: other, state: { params: [] }, metrics: ["auroc", "auprc"], test, n: 9, key: random.key(0) },
        ...{ anomalies: { given: "numbers", data: anomalies }, onStage: () => undefined },
      });
    await expect(by(matrix)).rejects.toThrow(/shape \[2, 2\]; expected \[batch\]/);
    await expect(by(mute)).rejects.toThrow(/auroc, auprc need a learner with score\(\)/);
  });
});

describe("anomalies", () => {
  const source = {
    load: () =>
      Promise.resolve(
        imageDataset({
          description: "test",
          bytes: new Uint8Array(3 * 12),
          labels: new Uint8Array(3),
          imageShape: [2, 2, 3],
        }),
      ),
  };
  const plan = readPlan({ test: source, reference: source })!;
  const named = (text: string | undefined, n = 4) =>
    anomaliesOf({ text, plan, n, range: undefined, key: random.key(1) });
  const imagesOf = async (text: string, n?: number): Promise<number[][][][]> => {
    const { data } = await named(text, n);
    const batch = data.batches({ batchSize: data.size, key: random.key(2) }).at(0) as ImageBatch;
    return batch.images.array();
  };

  it("are made of noise, or of one colour each, of the size of test images", async () => {
    const noise = await imagesOf("noise", 400);
    const pixels = noise.flat(3);
    expect(pixels).toHaveLength(400 * 12);
    // Uniform on [-1, 1]: the mean of 4800 has a standard error of 0.0083, that of squares, 1/3, of 0.0043. Five of them: less than one in a million.
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(Math.abs(mean(pixels))).toBeLessThan(0.042);
    expect(Math.abs(mean(pixels.map((value) => value ** 2)) - 1 / 3)).toBeLessThan(0.022);
    expect(await imagesOf("noise", 400)).toEqual(noise);
    const constant = await imagesOf("constant");
    for (const image of constant) for (const pixel of image.flat()) expect(pixel).toEqual(image[0]![0]);
    expect(new Set(constant.flat(2).map(String)).size).toBeGreaterThan(1);
  });

  it("are read from files, some of them, and refused in another size", async () => {
    const folder = await emptyFolder();
    await mkdir(folder, { recursive: true });
    const write = (name: string, shape: readonly number[]) => {
      const values = Uint8Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => i);
      return writeNpz(join(folder, name), { arr_0: { shape: [...shape], values } });
    };
    await write("right.npz", [6, 2, 2, 3]);
    await write("wrong.npz", [6, 2, 3, 3]);
    const { given, sha256, data } = await named(join(folder, "right.npz"));
    expect([given, data.size]).toEqual([join(folder, "right.npz"), 4]);
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    await expect(named(join(folder, "wrong.npz"))).rejects.toThrow(/are 2 x 3 x 3, the model's test images 2 x 2 x 3/);
    await expect(named("nosie")).rejects.toThrow(/no folder, .*"nosie"/);
  });

  it("are read from folders, grey ones as three equal colours, with word of what was left out", async () => {
    const folder = await emptyFolder();
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "a.pgm"), Buffer.from([...Buffer.from("P5 2 2 255\n"), 0, 51, 102, 255]));
    await writeFile(join(folder, "notes.txt"), "no image");
    expect((await named(folder)).files?.skipped).toEqual({ "other files": { count: 1, examples: ["notes.txt"] } });
    const [image] = await imagesOf(folder);
    // Bytes 0, 51, 102 and 255 in [-1, 1].
    const colours = image!.flat().map((pixel) => pixel.map((value) => Number(value.toFixed(6))));
    expect(colours).toEqual([-1, -0.6, -0.2, 1].map((value) => [value, value, value]));
  });

  it("are those of the experiment by default, if it has any", async () => {
    await expect(named(undefined)).rejects.toThrow(/no anomalies to find; give --anomalies <images>/);
    const own = readPlan({ test: source, reference: source, anomalies: source })!;
    const found = await anomaliesOf({ text: undefined, plan: own, n: 4, range: undefined, key: random.key(1) });
    expect([found.given, found.data.size]).toEqual(["the experiment's anomalies", 3]);
    for (const wrong of [{ anomalies: 3 }, { samples: 0 }, { components: 1.5 }])
      expect(() => readPlan({ test: source, reference: source, ...wrong })).toThrow(/perhaps \{ anomalies \}/);
    expect([plan.samples, readPlan({ test: source, reference: source, samples: 50 })!.samples]).toEqual([10_000, 50]);
  });
});
