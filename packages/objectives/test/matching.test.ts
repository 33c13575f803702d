/** Energy Matching: its parts against closed forms, and what its phases leave unchanged. */
import { compile, useEngine, valueAndGrad } from "@ergodic/engine";
import type { EnergyModel } from "@ergodic/energies";
import { adam } from "@ergodic/nn";
import { runSteps } from "@ergodic/samplers";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import {
  energyLearner,
  energyMatching,
  flowMatchingLoss,
  heat,
  transportPaired,
  type EnergyMatchingOptions,
} from "../src/index.js";
import { negativesOf } from "../src/matching/chains.js";
import { resolved } from "../src/matching/options.js";
import { withoutHighest } from "../src/matching/trimmed.js";

/** E(x) = ½ h|x|² + gᵀ1 x, whose potential V = εE has the slope ε(hx + g). */
type Parabola = { readonly h: tf.Tensor; readonly g: tf.Tensor };
const parabola: EnergyModel<Parabola> = {
  init: () => ({ h: tf.scalar(1), g: tf.scalar(0) }),
  energy: ({ h, g }, x) => tf.sum(tf.add(tf.mul(tf.mul(0.5, h), tf.square(x)), tf.mul(g, x)), 1) as tf.Tensor1D,
};
const slopeOne = (h: number): Parabola => ({ h: tf.scalar(h), g: tf.scalar(0) });

const source = (key: Key, n: number) => random.normal(key, [n, 2]);
const settings = {
  source,
  temperature: 0.5,
  stepSize: 0.1,
  steps: 4,
  weight: 1,
} satisfies EnergyMatchingOptions;

const learnerOf = (options: EnergyMatchingOptions) =>
  energyLearner({
    model: parabola,
    objective: energyMatching(options),
    optimizer: adam({ learningRate: 0.01 }),
    observe: (batch: tf.Tensor) => batch,
  });

/** The parameters after three updates in a phase, in order. */
async function learned(options: EnergyMatchingOptions, phase: string, x: tf.Tensor): Promise<number[]> {
  const learner = learnerOf(options);
  let state = await learner.init(random.key(0), x);
  for (let iteration = 0; iteration < 3; iteration += 1) {
    const key = random.fold(random.key(1), iteration);
    ({ state } = await learner.update(state, x, { key, iteration, phase: { name: phase, iteration, iterations: 3 } }));
  }
  await learner.dispose?.();
  return tree.leaves(state.params as TensorTree).flatMap((leaf) => [...leaf.dataSync()]);
}

describe.each(["cpu", "onnx"] as const)("on %s", (engine) => {
  beforeAll(() => useEngine(engine));

  it.each([
    [0.8, [0, 0, 0, 0.5, 1, 1]],
    [1, [0, 0, 0, 0, 1, 1]],
    [0, [0, 0.5, 0.8, 0.9, 1, 1]],
  ])("the temperature rises from time %f to its highest at 1", async (from, shares) => {
    const run = compile((time: tf.Tensor) => heat(time, from));
    const found = await run(tf.tensor1d([0, 0.5, 0.8, 0.9, 1, 3]));
    shares.forEach((share, i) => expect(found.dataSync()[i]).toBeCloseTo(share, 5));
    await run.dispose();
  });

  it("the flow loss has no mean slope at the potential of a Gaussian, V' = hx + g", async () => {
    // Independent pairs of N(0, 1) and N(m, v): h = ½(1 - v)/(⅓(1 + v) + m²/12), g = -m(1 + h/2).
    const [m, v, temperature] = [0.8, 0.5, 0.5];
    const h = (1 - v) / 2 / ((1 + v) / 3 + (m * m) / 12);
    const best = { h: tf.scalar(h / temperature), g: tf.scalar((-m * (1 + h / 2)) / temperature) };
    const slope = compile((params: Parabola, key: Key) => {
      const [dataKey, originKey, lossKey] = random.split(key, 3) as [Key, Key, Key];
      const x = random.normal(dataKey, [500, 2], { mean: m, sd: Math.sqrt(v) });
      const options = { origins: source(originKey, 500), temperature, key: lossKey };
      const loss = (p: Parabola) => flowMatchingLoss((at: tf.Tensor) => parabola.energy(p, at), x, options);
      return valueAndGrad(loss)(params).grad;
    });
    const repetitions = 40;
    const slopes = { h: [] as number[], g: [] as number[] };
    for (let i = 0; i < repetitions; i += 1) {
      const found = await slope(best, random.fold(random.key("slopes"), i));
      slopes.h.push(found.h.dataSync()[0]!);
      slopes.g.push(found.g.dataSync()[0]!);
    }
    await slope.dispose();
    // 5 standard errors; false alarm rate 1e-6 for each of two numbers.
    for (const values of Object.values(slopes)) {
      const mean = values.reduce((sum, value) => sum + value, 0) / repetitions;
      const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (repetitions - 1));
      expect(Math.abs(mean)).toBeLessThan((5 * spread) / Math.sqrt(repetitions));
    }
  });

  it("trimming leaves out the rows of the highest energies", () => {
    const rows = tf.tensor2d([5, 1, 4, 2, 3], [5, 1]);
    const energies = () => tf.squeeze(rows, [1]);
    expect([...withoutHighest(rows, energies, 0.4).dataSync()].sort()).toEqual([1, 2, 3]);
    expect([...withoutHighest(rows, energies, 0).dataSync()]).toEqual([5, 1, 4, 2, 3]);
  });

  it("transport pairs two sets on a line in their order", async () => {
    const x = tf.tensor([2, -1, 0.5, 3], [4, 1]);
    const paired = await transportPaired(tf.tensor([0.1, 0.9, -0.4, 0.3], [4, 1]), x);
    [0.3, -0.4, 0.1, 0.9].forEach((origin, i) => expect(paired.dataSync()[i]).toBeCloseTo(origin, 6));
  });

  it("a contrast of weight 0 changes no bit of the first phase", async () => {
    const x = random.normal(random.key(2), [6, 2], { mean: 1 });
    const flow = await learned({ ...settings, weight: 0 }, "flow", x);
    expect(await learned({ ...settings, weight: 0 }, "contrastive", x)).toEqual(flow);
    expect(await learned(settings, "contrastive", x)).not.toEqual(flow);
  });

  it("a contrast below its bound has no gradient", async () => {
    // The data are at the minimum of the energy, so every negative is higher.
    const x = tf.zeros([6, 2]);
    const flow = await learned(settings, "flow", x);
    expect(await learned({ ...settings, bound: 0 }, "contrastive", x)).toEqual(flow);
    expect(await learned({ ...settings, bound: 100 }, "contrastive", x)).not.toEqual(flow);
  });
});

describe("chains", () => {
  beforeAll(() => useEngine("onnx"));
  const energy = (h: number) => (x: tf.Tensor) => parabola.energy(slopeOne(h), x);

  it("of negatives are hot from the data and without noise from the source before time 1", async () => {
    const options = { ...resolved(settings), source: (_: Key, n: number) => tf.ones([n, 2]), steps: 9 };
    const keys = [random.key(0), random.key(1)] as const;
    const run = compile((x: tf.Tensor) => negativesOf(energy(1), x, { ...options, keys }));
    const ends = (await run(tf.ones([5, 2]))).arraySync() as number[][];
    // 2 of 5 start at the data. A step without noise multiplies by 1 - εΔ.
    const still = (1 - 0.5 * 0.1) ** 9;
    ends
      .slice(2)
      .flat()
      .forEach((value) => expect(value).toBeCloseTo(still, 5));
    ends
      .slice(0, 2)
      .flat()
      .forEach((value) => expect(Math.abs(value - still)).toBeGreaterThan(1e-3));
    const clamped = compile((x: tf.Tensor) => negativesOf(energy(1), x, { ...options, keys, clamp: [-0.1, 0.1] }));
    expect(Math.max(...(await clamped(tf.ones([5, 2]))).dataSync())).toBeCloseTo(0.1, 6);
  });

  it("of samples settle at exp(-E), up to the step", async () => {
    // x' = ax + √(2εΔ) ξ with a = 1 - hεΔ has the variance 2εΔ/(1 - a²).
    const { sampling } = energyMatching({ ...settings, steps: 60 })(parabola);
    const n = 20_000;
    const run = compile((key: Key) => {
      const [start, steps] = random.split(key) as [Key, Key];
      return runSteps(sampling!.kernel(energy(4)), sampling!.fresh(start, n), { steps: 60, key: steps }).position;
    });
    const x = [...(await run(random.key(3))).dataSync()];
    const variance = x.reduce((sum, value) => sum + value ** 2, 0) / x.length;
    const a = 1 - 4 * 0.5 * 0.1;
    const expected = (2 * 0.5 * 0.1) / (1 - a * a);
    // 5 standard errors of a variance of 2n numbers: false alarm rate 6e-7.
    expect(Math.abs(variance - expected)).toBeLessThan(5 * expected * Math.sqrt(2 / (2 * n)));
  });
});

describe("the learner", () => {
  beforeAll(() => useEngine("onnx"));

  it("knows its phases, and refuses updates in no phase", async () => {
    const learner = learnerOf(settings);
    expect(learner.phases).toEqual(["flow", "contrastive"]);
    const x = tf.ones([4, 2]);
    const state = await learner.init(random.key(0), x);
    await expect(learner.update(state, x, { key: random.key(1), iteration: 0 })).rejects.toThrow("training.phases");
  });

  it("exports a step at the temperature of the density", async () => {
    const learner = learnerOf(settings);
    const state = await learner.init(random.key(0), tf.ones([4, 2]));
    const { fn } = learner.exports!(state, 3)["sampler-step"]!;
    const step = fn as unknown as (x: tf.Tensor, key: Key) => tf.Tensor;
    const [first, second] = [1, 2].map((seed) => [...step(tf.ones([3, 2]), random.key(seed)).dataSync()]);
    expect(first).not.toEqual(second);
  });

  it.each([
    ["pairing", { pairing: "nearest" }],
    ["temperature", { temperature: 0 }],
    ["heatFrom", { heatFrom: 1.5 }],
    ["samplingSteps", { samplingSteps: 0 }],
    ["weight", { weight: -1 }],
    ["trim", { trim: 1 }],
    ["bound", { bound: -1 }],
  ])("refuses a wrong %s", (name, wrong) => {
    expect(() => energyMatching({ ...settings, ...wrong } as EnergyMatchingOptions)).toThrow(name);
  });
});
