/** Scores of known densities of the plane. */
import { gaussianMixture, gaussianRing, type PointDensity } from "@ergodic/data";
import { useEngine } from "@ergodic/engine";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { planeScores, possiblePlaneMetrics, readPlanePlan, type PlaneEvaluation } from "../../src/entries/model.js";

beforeAll(() => useEngine("onnx"));

const normal = (x: number) => gaussianMixture({ means: [[x, 0]], sd: 1 });

/** A learner's score: -log p, and a constant that must not matter. */
const scoreOf =
  (model: PointDensity): PlaneEvaluation["score"] =>
  (batch) =>
    Promise.resolve(
      tf.tidy(() => tf.sub(40, model.logDensity((batch as { points: tf.Tensor2D }).points)) as tf.Tensor1D),
    );

const planOf = (data: PointDensity, size = 4_000) => ({
  points: data.source({ size, seed: "held out" }),
  logDensity: data.logDensity,
});

const scored = (model: PointDensity, data: PointDensity, more: Partial<PlaneEvaluation> = {}) =>
  planeScores({
    ...{ score: scoreOf(model), plan: planOf(data), metrics: ["nats", "tv"], n: 10_000, seed: 0 },
    ...more,
  });

it("of the data's own density are its entropy and no distance", async () => {
  const ring = gaussianRing({ count: 3, radius: 3, sd: 0.25 });
  const { nats, tv } = await scored(ring, ring);
  // Well apart: log 3 and the entropy of one Gaussian. Within 5 standard errors, false alarm 6e-7.
  const entropy = Math.log(3) + Math.log(2 * Math.PI * Math.E * 0.25 ** 2);
  expect(Math.abs(nats!.value - entropy)).toBeLessThan(5 * nats!.standardError);
  // -log p is exponential plus a constant: sd 1, known to sqrt(2 / 4,000) = 0.022, 5 times.
  expect(Math.abs(nats!.standardError * Math.sqrt(4_000) - 1)).toBeLessThan(0.11);
  expect(Math.abs(nats!.ofData! - nats!.value)).toBeLessThan(1e-4);
  expect(nats!.points).toBe(4_000);
  expect(tv!.value).toBeLessThan(1e-3);
});

it("of normals at a distance d are d²/2 nats and 2 Φ(d/2) - 1 apart", async () => {
  const { nats, tv } = await scored(normal(0), normal(2));
  // The difference of -log p is 2x - 2 with x ~ N(2, 1): mean 2, sd 2.
  expect(Math.abs(nats!.value - nats!.ofData! - 2)).toBeLessThan((5 * 2) / Math.sqrt(4_000));
  expect(tv!.value).toBeCloseTo(0.682689, 3);
});

it("are those that were asked for, of at most n points, the same for one seed", async () => {
  const scores = await scored(normal(0), normal(1), { metrics: ["nats"], n: 500 });
  expect(scores).not.toHaveProperty("tv");
  expect(scores.nats!.points).toBe(500);
  expect(await scored(normal(0), normal(1), { metrics: ["nats"], n: 500 })).toEqual(scores);
});

it("are absent where log Z has no limit", async () => {
  const flat: PlaneEvaluation["score"] = (batch) =>
    Promise.resolve(tf.zeros([(batch as { points: tf.Tensor2D }).points.shape[0]]));
  const scores = await scored(normal(0), normal(0), { score: flat });
  expect(scores).toEqual({ partition: expect.objectContaining({ settled: false }) as unknown });
});

it("need a score, and total variation the density of the data", async () => {
  await expect(scored(normal(0), normal(0), { score: undefined })).rejects.toThrow("score()");
  const plan = { points: normal(0).source() };
  expect(possiblePlaneMetrics(plan)).toEqual(["nats"]);
  await expect(scored(normal(0), normal(0), { plan })).rejects.toThrow("logDensity");
  expect((await scored(normal(0), normal(0), { plan, metrics: ["nats"] })).nats).not.toHaveProperty("ofData");
});

it("are planned by { points }, and a plan of anything else is left to others or refused", () => {
  const plan = planOf(normal(0));
  expect(readPlanePlan(plan)).toEqual(plan);
  expect(readPlanePlan(undefined)).toBeUndefined();
  expect(readPlanePlan({ test: 1 })).toBeUndefined();
  expect(() => readPlanePlan({ points: 1 })).toThrow("{ points }");
});
