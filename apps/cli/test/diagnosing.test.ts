/** What is measured of chains, and the words for it: known laws, known pictures, and trouble made on purpose. */
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "@ergodic/engine";
import { random, tree, type Key } from "@ergodic/tensor";
import type { ChainKernel, ChainPosition, ModelChain } from "@ergodic/training";
import { beforeAll, describe, expect, it } from "vitest";
import { rankCounts } from "../src/chains/ranks.js";
import { judge } from "../src/diagnosing/judge.js";
import { longRun, type Snapshot } from "../src/diagnosing/long-run.js";
import { classesOf, classVisits, pictureChange } from "../src/diagnosing/pictures.js";
import { settled } from "../src/diagnosing/rows.js";
import { chainsToCompare, compareShortRun } from "../src/diagnosing/short-run.js";
import { stepCost } from "../src/diagnosing/step-cost.js";

const quiet = () => undefined;

/** A kernel that remembers nothing. */
const moving = (to: (position: ChainPosition, key: Key) => ChainPosition): ChainKernel => ({
  init: (position) => ({ position }),
  step: ({ position }, key) => [{ position: to(position, key) }, {}],
});

/** x' = a x + √(1 - a²) ξ: its law is N(0, 1), its correlation a at lag 1; from starts at `from`. */
function autoregression(a: number, from: number, changes: Partial<ModelChain> = {}): ModelChain {
  return {
    description: "an autoregression",
    steps: 4,
    generative: true,
    start: (_, n) => tf.fill([n, 1], from),
    scattered: (key, n) => random.normal(key, [n, 1], { sd: 2 }),
    kernel: moving((x, key) =>
      tf.add(tf.mul(a, x as tf.Tensor), tf.mul(Math.sqrt(1 - a * a), random.normal(key, (x as tf.Tensor).shape))),
    ),
    energy: (x) => tf.squeeze(tf.mul(0.5, tf.square(x as tf.Tensor)), [1]),
    ...changes,
  };
}

async function diagnose(chain: ModelChain, steps: number) {
  const run = await longRun(chain, { chains: 4, steps, key: random.key(1) }, quiet);
  const shortRun = await compareShortRun(chain, { n: 2000, key: random.key(2), yardstick: undefined }, quiet);
  return judge({ chain, run, shortRun, pictures: undefined, classes: undefined });
}

beforeAll(async () => {
  await useEngine("onnx");
});

describe("a chain that mixes", () => {
  it("is said to, with its memory (1 + a)/(1 - a), its energy, and its modes", async () => {
    const label = (x: Parameters<ModelChain["energy"]>[0]) =>
      tf.squeeze(tf.cast(tf.greater(x as tf.Tensor, 0), "float32"), [1]);
    const { verdict, troubles, rows, modes, shortRun } = await diagnose(autoregression(0.5, 0, { label }), 3000);
    expect([verdict, troubles]).toEqual(["mixes", []]);
    expect(rows.map(({ name }) => name)).toEqual(["energy", "x[0]"]);
    // τ of 12,000 draws has a standard error of some 5 %.
    expect(rows[1]!.time).toBeGreaterThan(2.4);
    expect(rows[1]!.time).toBeLessThan(3.6);
    // P(sign changes) = arccos(a)/π = 1/3.
    expect(Math.abs(modes!.hopRate - 1 / 3)).toBeLessThan(0.03);
    expect(Math.abs(shortRun.long.energy - 0.5)).toBeLessThan(6 * shortRun.long.error);
  });

  it("but starts far away is told that its short run is not at equilibrium", async () => {
    // After 4 steps of a = 0.9 from 5 the mean is 5 · 0.9⁴ = 3.28, the energy (3.28² + 1 - 0.9⁸)/2 = 5.67; after 40 it is near 0.5.
    const { evidence, shortRun } = await diagnose(autoregression(0.9, 5), 200);
    expect(Math.abs(shortRun.short.energy - 5.667)).toBeLessThan(6 * shortRun.short.error);
    expect(shortRun.curve[3]).toBeCloseTo(shortRun.short.energy, 4);
    const secondHalf = shortRun.curve.slice(20);
    expect(secondHalf.reduce((sum, value) => sum + value, 0) / 20).toBeCloseTo(shortRun.long.energy, 4);
    expect(evidence.join("\n")).toMatch(/the short run is not at equilibrium, .* not exp\(-E\)/);
    const settled = await diagnose(autoregression(0, 0), 200);
    expect(settled.evidence.join("\n")).toMatch(/the short run ends at equilibrium/);
  });
});

describe("a chain that does not mix", () => {
  it("because it hardly moves", async () => {
    const { verdict, troubles, evidence } = await diagnose(autoregression(0.9999, 0), 200);
    expect(verdict).toBe("does not mix");
    expect(troubles.join("\n")).toMatch(/R-hat is [\d.]+, above 1\.01: the chains disagree/);
    expect(evidence[0]).toMatch(/^memory: /);
  });

  it("because it never leaves its start", async () => {
    const still = await diagnose(autoregression(0, 0, { kernel: moving((x) => tree.clone(x)) }), 40);
    expect(still.verdict).toBe("does not mix");
    expect(still.troubles.join()).toMatch(/the chains disagree/);
  });

  it("because it runs off, with the place", async () => {
    const off = autoregression(0, 1, { kernel: moving((x) => tf.mul(-1e10, x as tf.Tensor)) });
    const { verdict, troubles, rows } = await diagnose(off, 40);
    expect([verdict, rows]).toEqual(["diverges", []]);
    // x² overflows float32 beyond 1.8e19, so after the second step.
    expect(troubles).toEqual([expect.stringMatching(/^chain 0 left the finite numbers at step 2: /)]);
  });
});

it("positions of many numbers, and trees, are followed through random projections", async () => {
  const wide = autoregression(0, 0, {
    scattered: (key: Key, n: number) => ({ a: random.normal(key, [n, 5, 4]), b: random.normal(key, [n, 30]) }),
    kernel: moving((x, key) => random.normalLike(key, x)),
    energy: (x) => tf.sum((x as { b: tf.Tensor }).b, 1),
  });
  const { numbers } = await longRun(wide, { chains: 4, steps: 1000, key: random.key(1) }, quiet);
  expect(numbers).toHaveLength(32);
  // Σ x_i w_i with w_i ~ N(0, 1/50): a variance of Σ w_i², which is 1 ± √(2/50).
  const variances = numbers.map(({ chains }) => chains[0]!.reduce((sum, value) => sum + value * value, 0) / 1000);
  const mean = variances.reduce((sum, value) => sum + value, 0) / 32;
  expect(Math.abs(mean - 1)).toBeLessThan(0.15);
});

describe("a run is cut short", () => {
  const follow = (chain: ModelChain, steps: number) =>
    longRun(chain, { chains: 4, steps, key: random.key(1), settled }, quiet);
  const recorded = ({ energy }: { energy: { chains: readonly Float64Array[] } }) => energy.chains[0]!.length;

  it("as soon as nothing speaks against the chain, with the draws that a run of that length has", async () => {
    // Memory 3: 400 effective draws of 4 chains take some 300 steps, more of the energy's tails.
    const run = await follow(autoregression(0.5, 0), 8000);
    expect([recorded(run), run.discarded]).toEqual([1000, 500]);
    const same = await longRun(autoregression(0.5, 0), { chains: 4, steps: 1000, key: random.key(1) }, quiet);
    expect(run.energy).toEqual(same.energy);
    expect(run.numbers).toEqual(same.numbers);
  });

  it("when chains are so far apart that they will still be in the end, but not while they may yet meet", async () => {
    expect(recorded(await follow(autoregression(1 - 1e-6, 0), 800))).toBe(100);
    // Memory 39: the whole of 800 steps has 80 effective draws of 400 wanted, and an R-hat near 1.
    expect(recorded(await follow(autoregression(0.95, 0), 800))).toBe(800);
  });
});

it("the cost of a step is read off its graph, and fewer chains are compared where it is high", () => {
  const cost = stepCost(autoregression(0.5, 0))!;
  // a x, the draw or its scaling, their sum; each of one number.
  expect(cost.operations).toBeGreaterThanOrEqual(2);
  expect(cost.operations).toBeLessThanOrEqual(8);
  expect(cost.numbers).toBe(cost.operations);
  const chain = autoregression(0.5, 0, { steps: 100 });
  const compared = [1, 1e6 / 2, 1e9].map((numbers) => chainsToCompare(chain, { operations: 1, numbers }));
  expect(compared).toEqual([1000, 200, 64]);
});

describe("pictures", () => {
  const snapshot = (step: number, ...values: number[]): Snapshot => ({
    step,
    values: Float32Array.from(values),
    shape: [values.length, 1, 1, 1],
  });

  it("change by their squared difference, over that between chains", () => {
    // Chains move by 1 in every stretch of 5 steps and are 4 apart: 1/16.
    const change = pictureChange([snapshot(0, 0, 4), snapshot(5, 1, 5), snapshot(10, 0, 4)]);
    expect(change).toEqual({ stretch: 5, ratio: 1 / 16 });
    expect(pictureChange([snapshot(0, 0, 4)])).toBeUndefined();
    expect(pictureChange([snapshot(0, 0), snapshot(1, 1)])).toBeUndefined();
  });

  it("get the class with the nearest mean, and the labels say how far to trust them", () => {
    const reference = { images: Float32Array.of(-1, -3, 1, 3), shape: [4, 1, 1, 1], labels: [0, 0, 1, 1] };
    const test = { images: Float32Array.of(-2, 2, 0.5, -0.5), shape: [4, 1, 1, 1], labels: [0, 1, 1, 1] };
    const along = [snapshot(0, -1, 5), snapshot(2, 1, 4), snapshot(4, 2, 3), snapshot(6, -2, 9)];
    expect(classVisits(along, classesOf(reference, test)!)).toMatchObject({
      ...{ stretch: 2, classes: 2, agreement: 0.75 },
      ...{ hopRate: 2 / 6, visited: [2, 1], occupancy: [2 / 8, 6 / 8] },
    });
    const { labels: _, ...unlabelled } = reference;
    expect(classesOf(unlabelled, test)).toBeUndefined();
  });
});

it("ranks are counted by chain, ties shared in turn", () => {
  const chains = [Float64Array.of(1, 2, 3, 4), Float64Array.of(5, 6, 7, 8)];
  expect(rankCounts(chains, 4)).toEqual([
    [2, 2, 0, 0],
    [0, 0, 2, 2],
  ]);
  const equal = [new Float64Array(10), new Float64Array(10)];
  expect(rankCounts(equal, 2)).toEqual([
    [5, 5],
    [5, 5],
  ]);
});
