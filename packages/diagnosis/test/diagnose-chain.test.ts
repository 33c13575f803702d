/** Diagnoses of chains with known mixing, and of chains made to fail. */
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "@ergodic/engine";
import { random, tree, type Key } from "@ergodic/tensor";
import type { ModelChain } from "@ergodic/training";
import { beforeAll, describe, expect, it } from "vitest";
import { diagnoseChain, type DiagnosisProgress } from "../src/diagnose-chain.js";
import { longRun } from "../src/long-run.js";
import { settled } from "../src/settled.js";
import { chainsToCompare } from "../src/short-run.js";
import { stepCost } from "../src/step-cost.js";
import { autoregression, moving } from "./support.js";

const diagnose = async (chain: ModelChain, steps: number) =>
  (await diagnoseChain(chain, { chains: 4, steps, n: 2000, key: random.key(1) })).diagnosis;

beforeAll(async () => {
  await useEngine("onnx");
});

describe("a chain that mixes", () => {
  it("mixes, with its memory (1 + a)/(1 - a), its energy, and its modes", async () => {
    const label = (x: Parameters<ModelChain["energy"]>[0]) =>
      tf.squeeze(tf.cast(tf.greater(x as tf.Tensor, 0), "float32"), [1]);
    const { verdict, troubles, rows, modes, shortRun } = await diagnose(autoregression(0.5, 0, { label }), 3000);
    expect([verdict, troubles]).toEqual(["mixes", []]);
    expect(rows.map(({ name }) => name)).toEqual(["energy", "x[0]"]);
    // τ estimated from 12,000 draws has a standard error of about 5 %.
    expect(rows[1]!.time).toBeGreaterThan(2.4);
    expect(rows[1]!.time).toBeLessThan(3.6);
    // P(sign changes) = arccos(a)/π = 1/3.
    expect(Math.abs(modes!.hopRate - 1 / 3)).toBeLessThan(0.03);
    expect(Math.abs(shortRun.long.energy - 0.5)).toBeLessThan(6 * shortRun.long.error);
  });

  it("but starts far away has a short run that is not at equilibrium", async () => {
    // After 4 steps of a = 0.9 from 5 the mean is 5 · 0.9⁴ = 3.28, the energy (3.28² + 1 - 0.9⁸)/2
    // = 5.67; after 40 it is near 0.5.
    const { equilibrium, shortRun } = await diagnose(autoregression(0.9, 5), 200);
    expect(Math.abs(shortRun.short.energy - 5.667)).toBeLessThan(6 * shortRun.short.error);
    expect(shortRun.curve[3]).toBeCloseTo(shortRun.short.energy, 4);
    const secondHalf = shortRun.curve.slice(20);
    expect(secondHalf.reduce((sum, value) => sum + value, 0) / 20).toBeCloseTo(shortRun.long.energy, 4);
    const change = Math.abs(shortRun.long.energy - shortRun.short.energy);
    expect(equilibrium).toEqual({ state: "away", deviations: change / shortRun.long.sd });
    expect((await diagnose(autoregression(0, 0), 200)).equilibrium).toEqual({ state: "reached" });
  });
});

describe("a chain that does not mix", () => {
  it("because it hardly moves", async () => {
    const { verdict, troubles, memory, rows } = await diagnose(autoregression(0.9999, 0), 200);
    expect(verdict).toBe("does not mix");
    expect(troubles[0]).toMatchObject({ kind: "rHat", bound: 1.01, chains: 4, followed: 2 });
    const slowest = Math.max(...rows.map(({ time }) => time));
    expect(memory).toMatchObject({ time: slowest, shortRuns: slowest / 4, energyTime: rows[0]!.time });
  });

  it("because it never leaves its start", async () => {
    const still = await diagnose(autoregression(0, 0, { kernel: moving((x) => tree.clone(x)) }), 40);
    expect(still.verdict).toBe("does not mix");
    // Every chain stays at its own value, so R-hat is infinite.
    expect(still.troubles[0]).toMatchObject({ kind: "rHat", value: Infinity });
    expect(still.equilibrium).toEqual({ state: "unclear" });
  });

  it("because it runs off, with the place", async () => {
    const off = autoregression(0, 1, { kernel: moving((x) => tf.mul(-1e10, x as tf.Tensor)) });
    const { verdict, troubles, rows, equilibrium, memory } = await diagnose(off, 40);
    expect([verdict, rows, memory, equilibrium]).toEqual(["diverges", [], undefined, { state: "diverges" }]);
    // x² overflows float32 beyond 1.8e19, which is after the second step.
    expect(troubles).toEqual([{ kind: "diverged", chain: 0, step: 2 }]);
  });
});

it("positions of many numbers, and trees, are followed through random projections", async () => {
  const wide = autoregression(0, 0, {
    scattered: (key: Key, n: number) => ({ a: random.normal(key, [n, 5, 4]), b: random.normal(key, [n, 30]) }),
    kernel: moving((x, key) => random.normalLike(key, x)),
    energy: (x) => tf.sum((x as { b: tf.Tensor }).b, 1),
  });
  const { numbers } = await longRun(wide, { chains: 4, steps: 1000, key: random.key(1) });
  expect(numbers).toHaveLength(32);
  // Σ x_i w_i with w_i ~ N(0, 1/50) has the variance Σ w_i², which is 1 ± √(2/50).
  const variances = numbers.map(({ chains }) => chains[0]!.reduce((sum, value) => sum + value * value, 0) / 1000);
  const mean = variances.reduce((sum, value) => sum + value, 0) / 32;
  expect(Math.abs(mean - 1)).toBeLessThan(0.15);
});

describe("a run is cut short", () => {
  const follow = (chain: ModelChain, steps: number) =>
    longRun(chain, { chains: 4, steps, key: random.key(1), settled });
  const recorded = ({ energy }: { energy: { chains: readonly Float64Array[] } }) => energy.chains[0]!.length;

  it("as soon as nothing speaks against the chain, with the draws that a run of that length has", async () => {
    // Autocorrelation time 3: 400 effective draws of 4 chains take about 300 steps, and more for
    // the tails of the energy.
    const run = await follow(autoregression(0.5, 0), 8000);
    expect([recorded(run), run.discarded]).toEqual([1000, 500]);
    const same = await longRun(autoregression(0.5, 0), { chains: 4, steps: 1000, key: random.key(1) });
    expect(run.energy).toEqual(same.energy);
    expect(run.numbers).toEqual(same.numbers);
  });

  it("when chains are so far apart that they will still be in the end, but not while they may yet meet", async () => {
    expect(recorded(await follow(autoregression(1 - 1e-6, 0), 800))).toBe(100);
    // Autocorrelation time 39: all 800 steps have 80 effective draws of 400 wanted, and an R-hat
    // near 1.
    expect(recorded(await follow(autoregression(0.95, 0), 800))).toBe(800);
  });
});

it("the cost of a step is read off its graph, and fewer chains are compared where it is high", () => {
  const cost = stepCost(autoregression(0.5, 0))!;
  // a x, the draw or its scaling, and their sum. Each is one number.
  expect(cost.operations).toBeGreaterThanOrEqual(2);
  expect(cost.operations).toBeLessThanOrEqual(8);
  expect(cost.numbers).toBe(cost.operations);
  const chain = autoregression(0.5, 0, { steps: 100 });
  const compared = [1, 1e6 / 2, 1e9].map((numbers) => chainsToCompare(chain, { operations: 1, numbers }));
  expect(compared).toEqual([1000, 200, 64]);
});

describe("pictures of a generative chain", () => {
  const pictured = (a: number, from: number) =>
    autoregression(a, from, { observe: (x) => tf.reshape(x as tf.Tensor, [-1, 1, 1, 1]) });
  /** The mean square of pictures as their distance, which has closed forms. */
  const reference = {
    distance: (images: Float32Array) => images.reduce((sum, value) => sum + value * value, 0) / images.length,
    floor: (n: number) => 1 / n,
  };
  const plan = { chains: 4, steps: 40, n: 1000, key: random.key(1), reference };

  it("are compared with data after the short and the longer run", async () => {
    // From 5 with a = 0.9 the mean square is 25 · 0.9⁸ + 1 - 0.9⁸ = 11.33 after 4 steps and 1.005
    // after 40.
    const { diagnosis } = await diagnoseChain(pictured(0.9, 5), plan);
    const { short, long, floor } = diagnosis.shortRun;
    // The standard errors with 1000 chains are 0.17 and 0.045. The bounds are six of each.
    expect(Math.abs(short.distance! - 11.33)).toBeLessThan(1.02);
    expect(Math.abs(long.distance! - 1.005)).toBeLessThan(0.27);
    expect([floor, diagnosis.drift]).toEqual([1 / 1000, "nearer"]);
    const away = { ...reference, distance: (images: Float32Array) => 1 / reference.distance(images) };
    expect((await diagnoseChain(pictured(0.9, 5), { ...plan, reference: away })).diagnosis.drift).toBe("further");
    // The chain has its own distribution from the first step on. 1000 chains are within 25 %.
    expect((await diagnoseChain(pictured(0, 0), plan)).diagnosis.drift).toBe("as near");
  });

  it("are not compared where an observation is given", async () => {
    const given = { ...pictured(0.9, 5), generative: false };
    const { shortRun, drift, pictures } = (await diagnoseChain(given, plan)).diagnosis;
    expect([shortRun.short.distance, shortRun.floor, drift]).toEqual([undefined, undefined, undefined]);
    expect(pictures!.stretch).toBe(4);
  });
});

it("a chain of texts has its texts along the way, and no distances of pictures", async () => {
  const texts = autoregression(0.5, 0, {
    observe: (x) => tf.cast(tf.greater(x as tf.Tensor, 0), "int32"),
    show: (tokens) => ({
      kind: "text",
      values: tokens as tf.Tensor,
      textOf: ([token]) => (token === 1 ? "up" : "down"),
    }),
  });
  const reference = { distance: () => 1, floor: () => 1 };
  const { run, diagnosis } = await diagnoseChain(texts, { chains: 3, steps: 40, n: 70, key: random.key(1), reference });
  const said = run.snapshots.map(({ samples }) => (samples.kind === "text" ? samples.texts : []));
  // 60 steps in stretches of 4, three chains each.
  expect(said.map(({ length }) => length)).toEqual(new Array(15).fill(3));
  expect(new Set(said.flat())).toEqual(new Set(["up", "down"]));
  const { pictures, classes, drift, shortRun } = diagnosis;
  expect([pictures, classes, drift, shortRun.floor]).toEqual([undefined, undefined, undefined, undefined]);
});

it("the same plan gives the same diagnosis, and tells how far it is", async () => {
  const told: DiagnosisProgress[] = [];
  const plan = {
    chains: 3,
    steps: 20,
    n: 10,
    key: random.key(7),
    onProgress: (at: DiagnosisProgress) => told.push(at),
  };
  const first = await diagnoseChain(autoregression(0.5, 0), plan);
  expect(told[0]).toEqual({ stage: "cost" });
  // 20 recorded steps after 10 discarded ones; 10 chains of 40 steps.
  expect(told.filter(({ stage }) => stage === "long run").at(-1)).toEqual({ stage: "long run", done: 30, of: 30 });
  expect(told.at(-2)).toEqual({ stage: "short runs", done: 400, of: 400 });
  expect(told.at(-1)).toEqual({ stage: "summary" });
  expect(await diagnoseChain(autoregression(0.5, 0), plan)).toEqual(first);
});
