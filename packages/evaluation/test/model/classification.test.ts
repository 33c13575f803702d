/** Scores of a classifier on held-out examples. */
import * as tf from "@tensorflow/tfjs-core";
import { arrayDataset } from "@ergodic/data";
import { useEngine } from "@ergodic/engine";
import { random } from "@ergodic/tensor";
import { beforeAll, describe, expect, it } from "vitest";
import { classificationMetrics, classificationScores, type Classification } from "../../src/entries/classification.js";

beforeAll(() => useEngine("cpu"));

interface Batch {
  readonly place: tf.Tensor;
  readonly labels: tf.Tensor;
}

/** 1,200 examples of two classes in turn. */
const test = arrayDataset("places", {
  place: { values: Float32Array.from({ length: 1_200 }, (_, i) => i), shape: [1_200] },
  labels: { values: Int32Array.from({ length: 1_200 }, (_, i) => i % 2), shape: [1_200] },
});

/** Says class 1 with probability 0.8 of every example. */
const classify = (batch: unknown) => {
  const { place, labels } = batch as Batch;
  const row = [Math.log(0.2), Math.log(0.8)];
  const rows = tf.tensor2d(Array.from({ length: place.size }, () => row));
  return Promise.resolve({ logProbabilities: rows, labels: labels as tf.Tensor1D });
};

const scored = (more: Partial<Classification> = {}) =>
  classificationScores({
    ...{ classify, metrics: classificationMetrics, test, n: 2_000, key: random.key(0) },
    ...more,
  });

describe("a classifier", () => {
  it("is scored on all test examples", async () => {
    const scores = await scored();
    expect(scores.accuracy).toEqual({ value: 0.5 });
    expect(scores.ece!.value).toBeCloseTo(0.3, 6);
    expect(scores.ece).toMatchObject({ bins: 15, reliability: [{ count: 1_200, accuracy: 0.5 }] });
    expect(scores.brier!.value).toBeCloseTo(0.04 + 0.64, 6);
    expect(scores.nll!.value).toBeCloseTo(-0.5 * Math.log(0.16), 6);
    expect(scores.classification!.test).toMatchObject({ count: 1_200 });
  });

  it("is scored by the metrics asked for, on n examples at most, and leaves no tensor behind", async () => {
    const before = tf.memory().numTensors;
    const scores = await scored({ metrics: ["accuracy"], n: 700 });
    expect(Object.keys(scores)).toEqual(["accuracy", "classification"]);
    expect(scores.classification!.test.count).toBe(700);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("has to classify, and to give a row for each example", async () => {
    await expect(scored({ classify: undefined })).rejects.toThrow(/accuracy, ece, brier, nll need .* classify\(\)/);
    const short = (batch: unknown) => {
      const { labels } = batch as Batch;
      return Promise.resolve({ logProbabilities: tf.zeros([3, 2]) as tf.Tensor2D, labels: labels as tf.Tensor1D });
    };
    await expect(scored({ classify: short })).rejects.toThrow(/shapes \[3, 2\] and \[500\]/);
  });
});
