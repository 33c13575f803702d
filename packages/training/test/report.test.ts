/** What a run folder shows: data beside samples, the energy in the plane, its status, its scores. */
import { readFileSync } from "node:fs";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { random, type DataSource } from "@ergodic/tensor";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { readRun, train, writeReport } from "../src/entries/node.js";
import { defineExperiment, DivergenceError, metricExplanation, metricOrder } from "../src/index.js";
import { temporaryFolder } from "./temporary-folder.js";

type Batch = { readonly points: tf.Tensor2D; readonly labels: tf.Tensor1D };

const data: DataSource<Batch> = {
  load: async () => ({
    description: "points",
    size: 100,
    batches: ({ batchSize }) => ({
      perEpoch: 10,
      at: (i) => ({
        points: random.normal(random.key(i), [batchSize, 2]) as tf.Tensor2D,
        labels: tf.zeros([batchSize], "int32") as tf.Tensor1D,
      }),
    }),
  }),
};

/** E(x) = 50 x₁²: likely along the vertical axis. */
const valley = (loss: (iteration: number) => number) =>
  defineExperiment({
    data,
    model: {
      init: async () => ({ params: tf.zeros([1]) }),
      update: async ({ params }, _batch: Batch, { iteration }) => ({
        state: { params: tf.clone(params) },
        metrics: { skipped: 0, energyGap: 1, loss: loss(iteration) },
      }),
      data: ({ points }) => points,
      sample: async (_state, key, n) => random.normal(key, [n, 2]),
      score: async (_state, { points, labels }) => {
        expect(labels.shape).toEqual([points.shape[0]]);
        return tf.tidy(() => tf.mul(50, tf.square(tf.squeeze(tf.slice(points, [0, 0], [-1, 1]), [1]))) as tf.Tensor1D);
      },
    },
    training: { iterations: 4, batchSize: 8, sampleEvery: 2, sampleCount: 6, logEvery: 1 },
  });

describe("a finished run", () => {
  it("shows examples once, the newest energy, curves with losses first, and scores", async () => {
    const folder = await temporaryFolder();
    const before = tf.memory().numTensors;
    await train({ experiment: valley((i) => 9 - i), folder });
    expect(tf.memory().numTensors).toBe(before);
    expect((await readdir(join(folder, "samples"))).sort()).toEqual([
      ...["0000002.png", "0000004.png", "data-0000000.png", "landscape-0000004.png"],
    ]);
    const { standing, data: shown, landscape, samples } = await readRun(folder);
    expect(standing).toEqual({ status: "completed" });
    expect([shown?.iteration, landscape?.iteration, samples.map(({ iteration }) => iteration)]).toEqual([0, 4, [2, 4]]);

    const scores = [{ title: "iteration=4", rows: [["nats", "1.98"]] as const, notes: ["few points"] }];
    const page = await readFile(await writeReport(folder, scores), "utf8");
    expect([...page.matchAll(/<text class="title"[^>]*>(\w+)</g)].map(([, name]) => name)).toEqual([
      ...["loss", "energyGap", "skipped"],
    ]);
    for (const text of ["<td>nats</td><td><code>1.98</code></td>", "few points", metricExplanation("energyGap")!])
      expect(page).toContain(text);
    expect(page).not.toContain('http-equiv="refresh"');
    expect(page.match(/<svg/g)).toHaveLength(page.match(/<desc>/g)!.length);
  });

  it("has an energy picture that is dark where the energy is low", async () => {
    const folder = await temporaryFolder();
    await train({ experiment: valley(() => 1), folder });
    const { landscape } = await readRun(folder);
    const { data: pixels, info } = await sharp(landscape!.content as Uint8Array)
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const at = (x: number, y: number) => pixels[info.channels * (y * info.width + x)]!;
    const row = Math.round(info.height * 0.02);
    expect(at(Math.round(info.width / 2) + 3, row)).toBeLessThan(60);
    expect(at(Math.round(info.width * 0.1), row)).toBe(255);
  });
});

it("a diverged run says so, also later, and one that stops without a word was interrupted", async () => {
  const folder = await temporaryFolder();
  await expect(train({ experiment: valley((i) => (i < 3 ? 1 : NaN)), folder })).rejects.toThrow(DivergenceError);
  expect((await readRun(folder)).standing).toMatchObject({
    status: "diverged",
    message: expect.stringContaining("loss") as string,
  });
  const controller = new AbortController();
  const stopped = await temporaryFolder();
  await train({
    experiment: valley(() => 1),
    folder: stopped,
    signal: controller.signal,
    onProgress: () => controller.abort(),
  });
  expect((await readRun(stopped)).standing).toEqual({ status: "interrupted" });
});

it("a page of a running training loads itself anew", async () => {
  const folder = await temporaryFolder();
  let page = "";
  await train({
    experiment: valley(() => 1),
    folder,
    onProgress({ iteration }) {
      if (iteration === 3) page = readFileSync(join(folder, "report.html"), "utf8");
    },
  });
  expect(page).toContain('http-equiv="refresh"');
});

it("orders metrics and explains those that are common", () => {
  expect(metricOrder(["skipped", "energyGap", "reconstruction", "z", "flowLoss"])).toEqual([
    ...["flowLoss", "reconstruction", "energyGap", "skipped", "z"],
  ]);
  expect(metricExplanation("energy.gradientNorm")).toMatch(/gradient/);
  expect(metricExplanation("z")).toBeUndefined();
});
