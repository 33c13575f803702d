/** The learner: the same numbers on every path, exact resume, and what it offers. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { useEngine } from "@ergodic/engine";
import { adam } from "@ergodic/nn";
import { ladder, langevinSteps, proportionalSteps } from "@ergodic/noising";
import { random, tree, ValidationError, type TensorTree } from "@ergodic/tensor";
import { defineExperiment, resolveConfig } from "@ergodic/training";
import { train } from "@ergodic/training/node";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import {
  hmcSampler,
  langevinSampler,
  malaSampler,
  normalSampler,
  recoveryLikelihood,
  type RecoveryLikelihoodOptions,
} from "../src/index.js";
import { ring, ringEnergy } from "./eight-gaussians.js";
import { quadratic } from "./quadratic.js";

beforeAll(() => useEngine("onnx"));

const six = ladder.recovery(6);
type Batch = { readonly points: tf.Tensor };

const small = (options: Partial<RecoveryLikelihoodOptions<TensorTree, Batch>> = {}) =>
  recoveryLikelihood<TensorTree, Batch>({
    model: ringEnergy([16, 16]) as never,
    optimizer: adam({ learningRate: 1e-3 }),
    observe: ({ points }) => points,
    shape: [2],
    sampler: langevinSampler({ steps: 7, stepSizes: langevinSteps(six, 6e-3 / 7) }),
    ...options,
  });

const batchOf = (n: number, name = "batch") => ({ points: ring.sample(random.key(name), n) });
const numbers = (values: TensorTree): number[] => tree.leaves(values).flatMap((leaf) => [...leaf.dataSync()]);
const context = (i: number) => ({ key: random.fold(random.key("updates"), i), iteration: i });

describe("updates", () => {
  it("give finite metrics and samples, and free what they made", async () => {
    const model = small();
    let state = await model.init(random.key(0), batchOf(1));
    const warm = await model.update(state, batchOf(16), context(0));
    tree.dispose(state);
    ({ state } = warm);
    const before = tf.memory().numTensors;
    for (let i = 1; i < 4; i++) {
      const batch = batchOf(16);
      const next = await model.update(state, batch, context(i));
      tree.dispose([state, batch]);
      state = next.state;
      expect(Object.values(next.metrics).every(Number.isFinite)).toBe(true);
      expect(Object.keys(next.metrics).sort()).toEqual(["drift", "energyGap", "largest", "loss", "skipped"]);
    }
    expect(tf.memory().numTensors).toBe(before);
    const samples = await model.sample(state, random.key(1), 5);
    expect(samples.shape).toEqual([5, 2]);
    samples.dispose();
    expect(tf.memory().numTensors).toBe(before);
    await model.dispose?.();
  });

  it("at a third of the rate move a third as far", async () => {
    const model = small();
    const state = await model.init(random.key(0), batchOf(1));
    const batch = batchOf(16);
    const [whole, third] = await Promise.all(
      [1, 1 / 3].map(async (rate) => (await model.update(state, batch, { ...context(0), rate })).state.params),
    );
    const [from, far, near] = [state.params, whole!, third!].map((params) => numbers(params as TensorTree));
    from!.forEach((start, i) => expect(near![i]! - start).toBeCloseTo((far![i]! - start) / 3, 6));
  });

  it.each([
    ["MALA", malaSampler],
    ["HMC", hmcSampler],
  ] as const)("with %s adapt the step size of every level to the acceptance", async (_, sampler) => {
    // With the energy of noise alone the target is the tether: only too large steps are rejected.
    const model = recoveryLikelihood({
      model: quadratic(6, { precision: [2, 2, 2, 2, 2, 2], centre: [0, 0, 0, 0, 0, 0] }),
      optimizer: adam({ learningRate: 0 }),
      observe: (x: tf.Tensor) => x,
      shape: [6],
      energyScale: "none",
      sampler: sampler({ steps: 4, stepSizes: proportionalSteps(six, 0.02) }),
    });
    let state = await model.init(random.key(0), tf.zeros([1, 6]));
    const seen: number[] = [];
    for (let i = 0; i < 120; i++) {
      const x = random.normal(random.fold(random.key("x"), i), [120, 6]);
      const next = await model.update(state, x, context(i));
      ({ state } = next);
      if (i >= 80) seen.push(next.metrics.acceptance!);
    }
    const mean = seen.reduce((a, b) => a + b) / seen.length;
    expect(Math.abs(mean - 0.75)).toBeLessThan(0.04);
    const start = proportionalSteps(six, 0.02);
    state.stepSizes!.dataSync().forEach((size, t) => expect(size).toBeGreaterThan(1.2 * start[t]!));
  });

  it("by scores learn the score of the noisier data, without chains", async () => {
    // At its optimum -∇E(x, t) is the score of x_{t+1}: E has the precision of x_{t+1}, not of y.
    const of = ladder.full(4);
    const model = recoveryLikelihood({
      model: quadratic(4, { precision: [0.1, 0.1, 0.1, 0.1], centre: [0, 0, 0, 0] }),
      optimizer: adam({ learningRate: (step) => tf.mul(0.1, tf.exp(tf.div(step, -100))) as tf.Scalar }),
      observe: (x: tf.Tensor) => x,
      ...{ shape: [8], ladder: of, top: "conditional", sampler: normalSampler(of), objective: "score" },
    });
    let state = await model.init(random.key(0), tf.zeros([1, 8]));
    for (let i = 0; i < 300; i++) {
      const x = random.normal(random.fold(random.key("x"), i), [256, 8], { mean: 0.6, sd: 0.5 });
      ({ state } = await model.update(state, x, context(i)));
    }
    const { logPrecision, centre } = state.params.energy;
    const middle = centre.dataSync();
    logPrecision.dataSync().forEach((log, t) => {
      const variance = of.signal[t + 1]! ** 2 * 0.25 + of.noise[t + 1]! ** 2;
      const precision = Math.exp(log) / of.stepNoise[t + 1]! ** 2;
      expect(Math.abs(precision * variance - 1)).toBeLessThan(0.05);
      expect(Math.abs(middle[t]! - of.signal[t + 1]! * 0.6)).toBeLessThan(0.05);
    });
  });
});

describe("samples", () => {
  it("are those of their key, and follow from x_T alone without noise", async () => {
    const model = small();
    const state = await model.init(random.key(0), batchOf(1));
    const draw = async (key: string, noise?: number) =>
      numbers(await model.sample(state, random.key(key), 4, noise === undefined ? {} : { noise }));
    expect(await draw("a")).toEqual(await draw("a"));
    expect(await draw("a")).not.toEqual(await draw("b"));
    expect(await draw("a", 0)).toEqual(await draw("a", 0));
    expect(await draw("a", 0)).not.toEqual(await draw("a", 1));
  });

  it("along an interpolation begin and end at plain samples, all of one law", async () => {
    const model = recoveryLikelihood({
      model: quadratic(6, { precision: [0.01, 0.03, 0.04, 0.05, 0.06, 0.02], centre: [0, 0, 0, 0, 0, 0] }),
      optimizer: adam({ learningRate: 1e-3 }),
      observe: (x: tf.Tensor) => x,
      shape: [400],
    });
    const state = await model.init(random.key(0), tf.zeros([1, 400]));
    const rows = (await model.interpolate!(state, random.key(1), 2, 5)) as tf.Tensor2D;
    expect(rows.shape).toEqual([10, 400]);
    const variance = (await tf.moments(rows, 1).variance.data()) as Float32Array;
    const mean = variance.reduce((a, b) => a + b) / 10;
    // 400 entries: a relative standard error of 7 % for each.
    variance.forEach((value) => expect(Math.abs(value / mean - 1)).toBeLessThan(0.35));
    const products = tf.matMul(rows, rows, false, true).arraySync() as number[][];
    const cosine = (i: number, j: number) => products[i]![j]! / Math.sqrt(products[i]![i]! * products[j]![j]!);
    // The chains are linear here, so neighbours are π/8 apart.
    expect(cosine(0, 1)).toBeCloseTo(Math.cos(Math.PI / 8), 1);
    expect(Math.abs(cosine(0, 4))).toBeLessThan(0.25);
  });

  it("given known entries keep them, up to the noise of level 0", async () => {
    const model = small();
    const state = await model.init(random.key(0), batchOf(1));
    const values = tf.tensor2d([
      [0.7, 9],
      [-0.4, 9],
    ]);
    const mask = tf.tensor2d([
      [1, 0],
      [1, 0],
    ]);
    const x = (await model.inpaint!(state, { mask, values }, random.key(2))).arraySync() as number[][];
    expect(Math.abs(x[0]![0]! - 0.7)).toBeLessThan(0.06);
    expect(Math.abs(x[1]![0]! + 0.4)).toBeLessThan(0.06);
    expect(Math.abs(x[0]![1]!)).toBeLessThan(8);
    await expect(model.inpaint!(state, { mask: tf.ones([2, 1]), values }, random.key(2))).rejects.toThrow(/the mask/);
  });
});

it("resumes to the bytes of a run that was not stopped", async () => {
  const root = await mkdtemp(join(tmpdir(), "recovery-likelihood-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const experiment = defineExperiment({
    name: "ring",
    data: () => ring.source({ size: 512 }),
    model: () => small({ sampler: malaSampler({ steps: 2, stepSizes: proportionalSteps(six, 0.1) }) }),
    training: { iterations: 6, batchSize: 32, checkpointEvery: 2, logEvery: 1, averaging: 0.9, sampleCount: 8 },
  });
  const config = resolveConfig(experiment);
  const stopped = new AbortController();
  await train({ experiment, config, folder: join(root, "whole") });
  await train({
    ...{ experiment, config, folder: join(root, "parts"), signal: stopped.signal },
    onProgress: ({ iteration }) => iteration === 3 && stopped.abort(),
  });
  await train({ experiment, config, folder: join(root, "parts"), resume: true });
  const last = (run: string) => readFile(join(root, run, "checkpoints", "6", "tensors.safetensors"), "hex");
  expect(await last("parts")).toBe(await last("whole"));
});

it("has energies of both scales at every level, a density of level 0, and chains", async () => {
  const model = small();
  const state = await model.init(random.key(0), batchOf(1));
  const batch = batchOf(3);
  const { network, energy } = await model.energiesAt(state, batch.points, 0);
  // F = f/s_0², with s_0² = 6e-3/7 σ_1².
  const scale = (6e-3 / 7) * 0.32368022 ** 2;
  const [nets, energies] = [network.dataSync(), energy.dataSync()];
  nets.forEach((value, i) => expect((scale * energies[i]!) / value).toBeCloseTo(1, 3));
  await expect(model.energiesAt(state, batch.points, 6)).rejects.toThrow(/t is 6/);

  const { logPartition, reverse, standardError } = await model.likelihood!.partition(state, random.key(3));
  expect([logPartition, reverse!, standardError].every(Number.isFinite)).toBe(true);
  const weights = await model.likelihood!.logWeights(state, batch, random.key(4), 2);
  expect(weights.length).toBe(6);

  const chains = model.chains!(state, batch);
  expect(Object.keys(chains)).toEqual([0, 1, 2, 3, 4, 5].map((t) => `level ${t}`));
  const { start, kernel } = chains["level 2"]!;
  const [next] = kernel.step(kernel.init(start(random.key(5), 4)), random.key(6));
  expect((next.position as tf.Tensor).shape).toEqual([4, 2]);
});

it.each([
  ["a sampler of another ladder", { ladder: ladder.recovery(4) }, /7 step sizes|6 step sizes/],
  ["an initialiser without chains", { objective: "score", initialiser: {} }, /initialiser/],
  ["an initialiser of another input", { initialiser: { input: "near" } }, /initialiser.input/],
  ["to denoise clean data", { ladder: ladder.full(6), denoise: true }, /level 0/],
  ["an unknown objective", { objective: "likelihood" }, /objective/],
  ["negative noise", { dataNoise: -0.1 }, /dataNoise/],
  ["a limit of 0", { limits: { drift: 0 } }, /limits.drift/],
])("refuses %s", (_, options, message) => {
  const make = () => small(options as unknown as Partial<RecoveryLikelihoodOptions<TensorTree, Batch>>);
  expect(make).toThrow(ValidationError);
  expect(make).toThrow(message);
});

it("refuses examples of another shape", async () => {
  const model = small();
  const state = await model.init(random.key(0), batchOf(1));
  await expect(model.update(state, { points: tf.zeros([4, 3]) }, context(0))).rejects.toThrow(/shape: \[2\]/);
});
