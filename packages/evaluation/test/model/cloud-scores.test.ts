/** Scores of points and of symbols of models whose answers are known. */
import { gaussianRing, type LabelledPointBatch } from "@ergodic/data";
import { useEngine } from "@ergodic/engine";
import { random } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { cloudScores, readCloudPlan, symbolScores } from "../../src/entries/model.js";

beforeAll(() => useEngine("cpu"));

const ring = gaussianRing({ count: 4, radius: 6, sd: 0.5 });
const test = ring.source({ size: 2_000, seed: "held out" });
const plan = { test, cloud: { bandwidths: [0.5, 1], modes: ring } };

it("samples of the data's own law have no discrepancy and all modes, a normal law has both", async () => {
  const own = (key: Parameters<typeof ring.sample>[0], n: number) => Promise.resolve(ring.sample(key, n));
  const reconstruct = (batch: unknown) => {
    const { points } = batch as LabelledPointBatch;
    return Promise.resolve({ original: tf.clone(points), reconstruction: tf.add(points, 0.5) });
  };
  const { cloud } = await cloudScores({ model: { samplers: { model: own }, reconstruct }, plan, n: 1_000, seed: 0 });
  const { model, "normal law": normal, data } = cloud!.laws;
  expect(Math.abs(model!.discrepancy)).toBeLessThan(2e-3);
  expect(normal!.discrepancy).toBeGreaterThan(0.05);
  expect(model!.coverage).toMatchObject({ covered: 4, modes: 4 });
  // 1 - exp(-2), to 5 standard errors of 1,000 points.
  for (const law of [model, data]) expect(Math.abs(law!.coverage!.highQuality - 0.8647)).toBeLessThan(0.055);
  expect(cloud!.reconstruction).toBeCloseTo(0.25, 4);
  expect(cloud!.compared).toBe(1_000);
});

it("are planned by { test, cloud }", () => {
  expect(readCloudPlan(plan)).toBe(plan);
  expect(readCloudPlan({ test })).toBeUndefined();
  expect(() => readCloudPlan({ cloud: {} })).toThrow("{ test, cloud: { bandwidths, modes } }");
});

it("symbols that are the classes in another order are homogeneous; chance is near 0", async () => {
  const sure = (batch: unknown) => {
    const { labels } = batch as LabelledPointBatch;
    const moved = tf.mod(tf.add(labels, tf.scalar(1, "int32")), tf.scalar(4, "int32"));
    const logs = tf.logSoftmax(tf.mul(100, tf.oneHot(tf.cast(moved, "int32") as tf.Tensor1D, 5)));
    return Promise.resolve({ logProbabilities: logs as tf.Tensor2D, labels: tf.clone(labels) });
  };
  const { symbols } = await symbolScores({ symbols: sure, test: await test.load(), n: 1_000, key: random.key(0) });
  expect(symbols!.homogeneity).toBeCloseTo(1, 10);
  // Mutual information of independent tables of 4 x 4 is about 9/(2 n) nats.
  expect(symbols!.chance).toBeLessThan(0.03);
  expect(Math.abs(symbols!.information - Math.log(4))).toBeLessThan(0.01);
  expect(symbols).toMatchObject({ used: 4, symbols: 5 });
});
