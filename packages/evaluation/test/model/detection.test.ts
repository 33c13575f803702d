/** Detection of anomalies by known scores. */
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "@ergodic/engine";
import { random, type Key } from "@ergodic/tensor";
import type { Dataset } from "@ergodic/training";
import { beforeAll, describe, expect, it } from "vitest";
import { averagedDetection } from "../../src/model/detection-average.js";
import { detectionMetrics, detectionScores, type DetectionMetric } from "../../src/model/detection.js";
import type { NamedScores, ScoreBatch } from "../../src/model/example-scores.js";
import type { ScoringProgress } from "../../src/progress.js";

beforeAll(() => useEngine("cpu"));

/** A data set of numbers in a given order. */
const numbers = (...values: readonly number[]): Dataset<tf.Tensor> => ({
  description: `${values.length} numbers`,
  size: values.length,
  batches: ({ batchSize }) => ({
    perEpoch: 1,
    at: (i) => tf.tensor1d(values.slice(i * batchSize, (i + 1) * batchSize)),
  }),
});

/** The score is the example plus 100, which changes no order. */
const score = (batch: unknown): Promise<tf.Tensor1D> => Promise.resolve(tf.add(100, batch as tf.Tensor1D));

/** A model with one score. */
const alone =
  (of: ScoreBatch): NamedScores =>
  async (batch, key) => ({ score: await of(batch, key) });

const detect = (test: Dataset<unknown>, anomalies: Dataset<unknown>, metrics: readonly DetectionMetric[], n = 1000) =>
  detectionScores({ scores: alone(score), metrics, test, anomalies, n, key: random.key(0) });

describe("scores that are known", () => {
  // Golden values of scikit-learn for labels 0,0,1,1,0,1,0,1,1,0.
  const test = numbers(0.1, 0.4, 0.4, 0.2, 0.7);
  const anomalies = numbers(0.35, 0.8, 0.9, 0.4, 0.7);

  it("give every metric its golden value, and the JSON what it takes to repeat it", async () => {
    const scores = await detect(test, anomalies, detectionMetrics);
    expect(scores.auroc!.value).toBeCloseTo(0.78, 12);
    expect(scores.auprc!.averagePrecision).toBeCloseTo(0.789285714286, 11);
    expect(scores.auprc!.value).toBeCloseTo(0.826785714286, 11);
    expect(scores.auprc!.chance).toBe(0.5);
    expect(scores.fprAtTpr).toEqual({ value: 0.6, tpr: 0.95 });
    // Without a false alarm the hits are 0.8 and 0.9, above 0.7.
    expect(scores.tprAtFpr).toEqual({ value: 0.4, fpr: 0.05 });
    expect(scores.detection).toMatchObject({
      positive: "anomalies",
      test: { description: "5 numbers", count: 5 },
      anomalies: { description: "5 numbers", count: 5 },
    });
    expect(scores.detection!.test.mean).toBeCloseTo(100.36, 4);
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
    const by = (other: ScoreBatch | undefined) =>
      detectionScores({
        scores: other && alone(other),
        metrics: ["auroc", "auprc"],
        test,
        anomalies,
        n: 9,
        key: random.key(0),
      });
    const matrix = () => Promise.resolve(tf.zeros([2, 2]) as unknown as tf.Tensor1D);
    await expect(by(matrix)).rejects.toThrow(/shape \[2, 2\], expected \[batch\]/);
    await expect(by(undefined)).rejects.toThrow(/auroc, auprc need a learner with score\(\)/);
  });

  it("are counted as they are computed, and use a key of their own for every batch", async () => {
    const told: ScoringProgress[] = [];
    const keys: string[] = [];
    const keyed = (batch: unknown, key: Key) => {
      keys.push((key as unknown as { words: readonly number[] }).words.join());
      return score(batch);
    };
    const many = numbers(...Array.from({ length: 1200 }, (_, i) => i));
    const rest = { metrics: ["auroc"] as const, test: many, anomalies: many, n: 2000, key: random.key(0) };
    await detectionScores({ ...rest, scores: alone(keyed), onProgress: (at) => told.push(at) });
    expect(told.slice(0, 3)).toEqual([0, 500, 1000].map((done) => ({ what: "scoring test examples", done, of: 1200 })));
    expect(told.slice(3).every(({ what }) => what === "scoring anomalies")).toBe(true);
    expect(new Set(keys).size).toBe(6);
  });
});

describe("several scores and states", () => {
  const test = numbers(0, 1, 2, 3);
  const anomalies = numbers(1.5, 2.5, 4);
  const key = random.key(0);
  /** A state at iteration i has the score x above i, and 0 below. */
  const at = async (iteration: number) => {
    const scores: NamedScores = (batch) =>
      Promise.resolve({
        score: tf.relu(tf.sub(batch as tf.Tensor1D, iteration)) as tf.Tensor1D,
        negative: tf.neg(batch as tf.Tensor1D),
      });
    return {
      iteration,
      scores: await detectionScores({ scores, metrics: detectionMetrics, test, anomalies, n: 9, key }),
    };
  };

  it("have metrics by the name of the score", async () => {
    const { scores } = await at(0);
    // Of the twelve pairs the anomaly is above in 9.
    expect(scores.auroc!.value).toBeCloseTo(9 / 12, 12);
    expect(Object.keys(scores.otherScores!)).toEqual(["negative"]);
    expect(scores.otherScores!["negative"]!.auroc!.value).toBeCloseTo(3 / 12, 12);
    expect(scores.otherScores!["negative"]!.auprc!.chance).toBeCloseTo(3 / 7, 12);
    expect(scores.detection!.anomalies.mean).toBeCloseTo(8 / 3, 6);
  });

  it("are averaged with a divisor of n, and every state is kept", async () => {
    const states = [await at(0), await at(2), await at(3)];
    const { auroc, auprc, otherScores, checkpoints, detection } = averagedDetection(states);
    // At 2 the scores are 0, 0, 0, 1 and 0, 0.5, 2: 1.5 + 3 + 4 pairs. At 3: 2 + 2 + 4.
    const areas = [9, 8.5, 8].map((pairs) => pairs / 12);
    expect(auroc!.value).toBeCloseTo(8.5 / 12, 12);
    expect(auroc!.standardDeviation).toBeCloseTo(Math.sqrt((2 * 0.25) / 3) / 12, 12);
    expect(checkpoints!.map(({ scores }) => scores.auroc!.value)).toEqual(areas);
    expect(checkpoints!.map(({ iteration }) => iteration)).toEqual([0, 2, 3]);
    expect(auprc!.chance).toBeCloseTo(3 / 7, 12);
    expect(otherScores!["negative"]!.auroc).toEqual({ value: 3 / 12, standardDeviation: 0 });
    expect(detection).toEqual(states[2]!.scores.detection);
  });

  it("of one state are its own", async () => {
    const state = await at(0);
    expect(averagedDetection([state])).toEqual(state.scores);
  });
});
