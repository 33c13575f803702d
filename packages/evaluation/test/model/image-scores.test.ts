/** Scores of models of images whose distances have closed forms, and the plan of an experiment. */
import * as tf from "@tensorflow/tfjs-core";
import { imageDataset } from "@ergodic/data";
import { useEngine } from "@ergodic/engine";
import { random, type Key } from "@ergodic/tensor";
import { beforeAll, describe, expect, it } from "vitest";
import { possibleMetrics, scoreModel, type ImageModel } from "../../src/model/image-scores.js";
import { readImageReference } from "../../src/model/image-reference.js";
import { hasImages, readPlan } from "../../src/model/plan.js";
import type { ScoringProgress } from "../../src/progress.js";

beforeAll(() => useEngine("cpu"));

/** 600 images of one row of two pixels, of random bytes. */
const source = (seed: number) => ({
  load: () => {
    const drawn = random.integers(random.key(seed), [600, 2], { high: 256 });
    const bytes = Uint8Array.from(drawn.dataSync());
    return Promise.resolve(imageDataset({ description: "pixels", bytes, imageShape: [1, 2, 1] }));
  },
});
const plan = readPlan({ test: source(1), reference: source(2), components: 2 })!;

/** Samples around (shift, shift), with the same uniform distribution as the data. */
const model = (shift: number): ImageModel => ({
  sample: (key, n) => Promise.resolve(tf.add(shift, random.uniform(key, [n, 1, 2, 1], { low: -1, high: 1 }))),
  reconstruct: (batch) => {
    const { images } = batch as { images: tf.Tensor };
    return Promise.resolve({ original: images, reconstruction: tf.add(images, shift) });
  },
});

const scores = (of: ImageModel, metrics = possibleMetrics(of, plan), onProgress?: (at: ScoringProgress) => void) =>
  scoreModel({ model: of, plan, metrics, n: 600, seed: 0, onProgress });

describe("a model", () => {
  it("that is shifted by s is 2 s² away in FPD, and s² in the error of its reconstructions", async () => {
    const near = await scores(model(0));
    const away = await scores(model(3));
    // A shift moves the mean of the two components by |(3, 3)|² = 18.
    // Covariances differ by sampling only.
    expect(away.fpd!.value).toBeGreaterThan(17);
    expect(away.fpd!.value).toBeLessThan(19);
    expect(near.fpd!.value).toBeLessThan(0.1);
    expect(near.fpd).toMatchObject({ components: 2, generated: 600, test: 600 });
    expect(near.fpd!.floor).toBeLessThan(0.1);
    expect([near.mse, away.mse!.test]).toEqual([{ value: 0, test: 600 }, 600]);
    expect(away.mse!.value).toBeCloseTo(9, 5);
    expect(await scores(model(3))).toEqual(away);
  });

  it("with starts of its chain is scored there too", async () => {
    const { fpd } = await scores({ ...model(0), sampleReference: model(3).sample }, ["fpd"]);
    expect(fpd!.value).toBeLessThan(0.1);
    expect(fpd!.withoutChain).toBeGreaterThan(17);
  });

  it("is asked for what it offers alone, and refused by name for the rest", async () => {
    expect(possibleMetrics({}, plan)).toEqual([]);
    expect(possibleMetrics({ sample: model(0).sample }, plan)).toEqual(["fpd"]);
    expect(possibleMetrics(model(0), {})).toEqual(["mse"]);
    await expect(scores({}, ["fpd"])).rejects.toThrow(/makes no samples; fpd needs a learner with sample\(\)/);
    await expect(scores({}, ["mse"])).rejects.toThrow(/reconstructs nothing; mse needs .* reconstruct\(\)/);
    const wide = { sample: (_: Key, n: number) => Promise.resolve(tf.zeros([n, 1, 3, 1])) };
    await expect(scores(wide)).rejects.toThrow(/shape \[500, 1, 3, 1\], expected 500 images of 2 numbers/);
  });

  it("tells what is being done", async () => {
    const told: ScoringProgress[] = [];
    await scores(model(0), ["fpd"], (at) => told.push(at));
    expect(told).toContainEqual({ what: "fitting 2 principal components" });
    expect(told.filter(({ what }) => what === "generating")).toEqual(
      [0, 500].map((done) => ({ what: "generating", done, of: 600 })),
    );
  });
});

it("distances from the test images are those of the score", async () => {
  const { distance, floor, reference } = await readImageReference(plan);
  expect(floor(600)).toBeCloseTo((await scores(model(0), ["fpd"])).fpd!.floor, 9);
  expect(distance(reference.images.map((x) => x + 3))).toBeGreaterThan(17);
});

describe("the evaluation of an experiment", () => {
  it("has 32 components and 10,000 samples unless it says otherwise, and may have anomalies", () => {
    const both = { test: source(1), reference: source(2) };
    expect(readPlan(both)).toEqual({ ...both, checkpoints: 1, components: 32, samples: 10_000 });
    expect(readPlan({ ...both, samples: 50, anomalies: source(3) })).toMatchObject({ samples: 50 });
    expect(readPlan({ test: source(1) })).not.toHaveProperty("reference");
    const words = { description: "counts", size: 1, batches: () => ({ perEpoch: 1, at: () => ({}) }) };
    expect([hasImages(words), hasImages({ ...words, all: () => ({}) } as typeof words)]).toEqual([false, true]);
    expect(readPlan(undefined)).toBeUndefined();
    expect(readPlan({ points: source(1) })).toBeUndefined();
    expect(readPlan({ ...both, points: source(3) })).toEqual(readPlan(both));
  });

  it("without reference images has no Fréchet distance", async () => {
    const { reference: _, ...others } = plan;
    const asked = { model: model(0), plan: others, metrics: ["fpd"] as const, n: 600, seed: 0 };
    await expect(scoreModel(asked)).rejects.toThrow(/evaluation\.reference has no images/);
  });

  it.each([null, 3, {}, { reference: source(2) }])("%j is not understood", (wrong) => {
    expect(() => readPlan(wrong)).toThrow(/expected \{ test \} and perhaps \{ reference, anomalies, /);
  });

  it.each([
    { reference: 3 },
    { anomalies: 3 },
    { samples: 0 },
    { components: 1.5 },
    { checkpoints: 0 },
    { published: {} },
  ])("%j is refused", (wrong) => {
    expect(() => readPlan({ test: source(1), ...wrong })).toThrow(/not understood/);
  });
});
