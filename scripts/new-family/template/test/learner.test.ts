/**
 * The learner on two moons: it learns, gives the same numbers on every engine, and resumes exactly.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { useEngine } from "@ergodic/engine";
import { mlpEnergy } from "@ergodic/energies";
import { adam } from "@ergodic/nn";
import { random, tree, type Tree } from "@ergodic/tensor";
import { resolveConfig } from "@ergodic/training";
import { train } from "@ergodic/training/node";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it, onTestFinished } from "vitest";
import { familyName } from "../src/index.js";
import { learning } from "../src/learning.js";
import { withDefaults } from "../src/options.js";
import { experiment, learner, moons, uniform } from "./two-moons.js";

beforeAll(() => useEngine("onnx"));

const numbers = (state: Tree<tf.Tensor>): number[] => tree.leaves(state).flatMap((leaf) => [...leaf.dataSync()]);

it("gives points of the moons lower energies than points between and around them, and draws samples", async () => {
  const model = learner();
  const { batches } = await moons.source({ size: 10_240 }).load();
  const data = batches({ batchSize: 128, key: random.key("order") });
  let state = await model.init(random.key("start"), data.at(0));
  for (let iteration = 0; iteration < 250; iteration += 1) {
    const key = random.fold(random.key("updates"), iteration);
    ({ state } = await model.update(state, data.at(iteration), { key, iteration }));
  }
  const real = await model.score(state, { points: moons.sample(random.key("fresh"), 2_000) });
  const noise = await model.score(state, { points: uniform(random.key("noise"), 2_000) });
  // Probability that a point of the moons has the lower energy. It is 1/2 for an energy that has
  // learned nothing.
  const wins = tf.mean(tf.cast(tf.less(tf.expandDims(real, 1), tf.expandDims(noise, 0)), "float32"));
  expect(wins.dataSync()[0]).toBeGreaterThan(0.85);
  const samples = await model.sample(state, random.key("samples"), 100);
  expect(samples.shape).toEqual([100, 2]);
  expect(samples.dataSync().every(Number.isFinite)).toBe(true);
  await model.dispose?.();
});

it("takes the same step compiled and as a plain function", async () => {
  const model = learner();
  const batch = { points: moons.sample(random.key("batch"), 16) };
  const state = await model.init(random.key("start"), batch);
  const { init, step } = learning(
    withDefaults({
      energy: mlpEnergy({ in: 2, widths: [32, 32], activation: "swish" }),
      optimizer: adam({ learningRate: 3e-3 }),
      observe: ({ points }: typeof batch) => points,
      start: uniform,
      steps: 10,
      bufferSize: 256,
    }),
  );
  const [paramsKey, chainsKey] = random.split(random.key("start"));
  const plain = step(init(paramsKey!, chainsKey!), batch.points, random.key("step")).state;
  const compiled = (await model.update(state, batch, { key: random.key("step"), iteration: 0 })).state;
  const expected = numbers(plain);
  numbers(compiled).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 3));
});

it("resumes to the bytes of a run that was not stopped", async () => {
  const root = await mkdtemp(join(tmpdir(), "family-name-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const config = resolveConfig(experiment);
  const stopped = new AbortController();
  await train({ experiment, config, folder: join(root, "whole") });
  await train({
    experiment,
    config,
    folder: join(root, "parts"),
    signal: stopped.signal,
    onProgress: ({ iteration }) => iteration === 3 && stopped.abort(),
  });
  await train({ experiment, config, folder: join(root, "parts"), resume: true });
  const last = (run: string) => readFile(join(root, run, "checkpoints", "6", "tensors.safetensors"), "hex");
  expect(await last("parts")).toBe(await last("whole"));
});

it.each([
  ["stepSize", { stepSize: 0 }],
  ["steps", { steps: 1.5 }],
  ["penalty", { penalty: -1 }],
])("refuses a wrong %s", (name, wrong) => {
  const options = { energy: mlpEnergy({ in: 2 }), optimizer: adam({ learningRate: 1e-3 }), start: uniform };
  expect(() => familyName({ ...options, observe: () => tf.zeros([1, 2]), ...wrong })).toThrow(name);
});
