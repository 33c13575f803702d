/**
 * The presets of energies of images: parameter counts, one iteration, exact resume, missing data.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LabelledImageBatch } from "@ergodic/data";
import { useEngine } from "@ergodic/engine";
import { formatIdx } from "@ergodic/formats";
import { random, tree, type TensorTree } from "@ergodic/tensor";
import { resolveConfig } from "@ergodic/training";
import { train } from "@ergodic/training/node";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import fashion from "../src/presets/ebm/fashion.js";
import mnist from "../src/presets/ebm/mnist.js";

beforeAll(() => useEngine("onnx"));

const small = { steps: 2, samplingSteps: 3, buffer: 16 };

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "ergodic-images-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Eight training and eight test images of random bytes, in the files of Fashion-MNIST. */
async function clothes(): Promise<string> {
  const folder = await temporaryFolder();
  for (const [split, seed] of [
    ["train", 0],
    ["t10k", 1],
  ] as const) {
    const values = Uint8Array.from(random.uniform(random.key(seed), [8 * 784], { high: 256 }).dataSync());
    const images = formatIdx({ type: "uint8", shape: [8, 28, 28], values });
    const labels = formatIdx({ type: "uint8", shape: [8], values: Uint8Array.from({ length: 8 }, (_, i) => i) });
    await writeFile(join(folder, `${split}-images-idx3-ubyte`), images);
    await writeFile(join(folder, `${split}-labels-idx1-ubyte`), labels);
  }
  return folder;
}

it("have an energy of the size that was measured", async () => {
  const learner = mnist.model(mnist.options.parse({ buffer: 1 }), mnist.training);
  const { params } = await learner.init(random.key(0), { images: tf.zeros([1, 28, 28, 1]) } as LabelledImageBatch);
  const convolutions = 5 * 5 * 16 + 16 + 3 * 3 * 16 * 32 + 32 + 3 * 3 * 32 * 64 + 64;
  const size = tree.leaves(params as TensorTree).reduce((total, leaf) => total + leaf.size, 0);
  expect(size).toBe(convolutions + 4 * 4 * 64 + 1);
});

describe.each([
  ["ebm/mnist", mnist, async () => ({})],
  ["ebm/fashion", fashion, async () => ({ dataFrom: await clothes() })],
] as const)("%s", (name, experiment, data) => {
  it("learns an iteration, makes images, and scores", async () => {
    const options = experiment.options.parse({ ...small, ...(await data()) });
    const learner = experiment.model(options as never, experiment.training);
    const batches = (await experiment.data(options as never).load()).batches({ batchSize: 8, key: random.key(0) });
    const batch = batches.at(0) as LabelledImageBatch;
    const first = await learner.init(random.key(1), batch);
    const { state, metrics } = await learner.update(first, batch, { key: random.key(2), iteration: 0 });
    expect(Object.values(metrics).every(Number.isFinite)).toBe(true);
    expect(metrics["skipped"]).toBe(0);
    const images = (await learner.sample!(state, random.key(3), 4)) as tf.Tensor;
    expect(images.shape).toEqual([4, 28, 28, 1]);
    const [low, high] = [Math.min(...images.dataSync()), Math.max(...images.dataSync())];
    expect(low).toBeGreaterThanOrEqual(-1);
    expect(high).toBeLessThanOrEqual(1);
    expect((await learner.score!(state, batch, random.key(4))).shape).toEqual([8]);
    expect(experiment.name).toBe(name);
  });
});

it("ebm/mnist labels chains with their digits", async () => {
  const learner = mnist.model(mnist.options.parse(small), mnist.training);
  const data = await mnist.data(mnist.options.parse({})).load();
  const batch = data.batches({ batchSize: 100, key: random.key(0) }).at(0);
  const { data: chain } = learner.chains!(await learner.init(random.key(0), batch), batch);
  const named = chain!.label!(batch.images).dataSync();
  const right = [...batch.labels.dataSync()].filter((label, i) => label === named[i]).length;
  expect(right).toBeGreaterThan(95);
});

it("ebm/mnist resumes to the bytes of a run that was not stopped, kept chains included", async () => {
  const root = await temporaryFolder();
  const config = resolveConfig(mnist, {
    ...{ "options.steps": 2, "options.samplingSteps": 3, "options.buffer": 16 },
    ...{ "training.iterations": 4, "training.checkpointEvery": 1, "training.batchSize": 8 },
  });
  const stop = new AbortController();
  await train({ experiment: mnist, config, folder: join(root, "whole") });
  const parts = { experiment: mnist, config, folder: join(root, "parts") };
  await train({ ...parts, signal: stop.signal, onProgress: ({ iteration }) => iteration === 2 && stop.abort() });
  await train({ ...parts, resume: true });
  const last = (run: string) => readFile(join(root, run, "checkpoints", "4", "tensors.safetensors"), "hex");
  expect(await last("parts")).toBe(await last("whole"));
});

it("ebm/fashion says which file is missing, where it comes from and where it goes", async () => {
  const dataFrom = await temporaryFolder();
  await expect(fashion.data(fashion.options.parse({ dataFrom })).load()).rejects.toThrow(
    /has no train-images-idx3-ubyte, expected one of .*; get it from https:\/\/github\.com\/zalandoresearch.* and unpack it into /,
  );
});
