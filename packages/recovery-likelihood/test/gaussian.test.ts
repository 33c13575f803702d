/** Gaussian data with the optimal energy: chains, samples and likelihoods have closed forms. */
import { useEngine } from "@ergodic/engine";
import type { ConditionalEnergy } from "@ergodic/energies";
import { adam } from "@ergodic/nn";
import { ladder, langevinSteps, proportionalSteps, type Ladder, type TopLevel } from "@ergodic/noising";
import { random } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { compiledDraws, drawn } from "../src/compiled-draws.js";
import { levelEnergies } from "../src/conditional.js";
import { langevinSampler, malaSampler, normalSampler, type ConditionalSampler } from "../src/conditional-sampler.js";
import { drawsOf } from "../src/draws.js";
import { recoveryLikelihood } from "../src/learner.js";
import { levelsOf, type EnergyScale } from "@ergodic/noising";
import { transitionWeights } from "../src/transition-weights.js";
import { logMeanExp } from "@ergodic/samplers/annealing";
import { ancestral } from "../src/ancestral.js";
import { quadratic } from "./quadratic.js";

beforeAll(() => useEngine("onnx"));

const six = ladder.recovery(6);

interface Setting {
  readonly of?: Ladder;
  readonly top?: TopLevel;
  readonly sampler?: ConditionalSampler;
  readonly energyScale?: EnergyScale;
  readonly mean?: number;
  readonly variance?: number;
}

/** The optimal model of N(mean, variance) in each coordinate: E* = |y - α M|²/(2 α² V). */
function optimal({ of = six, top = "marginal", energyScale = "step", mean = 0, variance = 1, ...rest }: Setting) {
  const sampler = rest.sampler ?? langevinSampler({ steps: 30, stepSizes: langevinSteps(of, 2e-4) });
  const levels = levelsOf({ ladder: of, top, energyScale, time: "index", stepSizes: sampler.stepSizes });
  const { scale } = levels.transitions;
  const variances = [...scale].map((_, t) => of.signal[t]! ** 2 * variance + of.noise[t]! ** 2);
  const model = quadratic(levels.count, {
    precision: [...scale].map((alpha, t) => levels.scale[t]! / (alpha ** 2 * variances[t]!)),
    centre: [...scale].map((alpha, t) => alpha * of.signal[t]! * mean),
  });
  const energies = levelEnergies(model, levels);
  const draws = drawsOf(energies, levels, { sampler });
  const params = model.init(random.key(0));
  return { levels, sampler, variances, energies, draws, params };
}

const level = (n: number, t: number) => tf.fill([n], t, "int32") as tf.Tensor1D;
const steps = ({ stepSizes }: ConditionalSampler) => tf.tensor1d(Float32Array.from(stepSizes));
const momentsOf = (x: tf.Tensor) => {
  const { mean, variance } = tf.moments(x);
  return { mean: mean.dataSync()[0]!, variance: variance.dataSync()[0]! };
};

describe("chains given x_{t+1}", () => {
  it("have the mean and variance of K Langevin steps", () => {
    // P = α²V + 1/σ² of t = 2, v = 1 with s² = 0.1 σ²: q = 1 - s²P/2, K = 60, from x = 1.3.
    const sampler = langevinSampler({ steps: 60, stepSizes: proportionalSteps(six, 0.1) });
    const { draws, params } = optimal({ sampler });
    const n = 20_000;
    const input = {
      far: tf.fill([n, 1], 1.3),
      transition: level(n, 2),
      stepSizes: steps(sampler),
      noise: tf.scalar(1),
    };
    const { y } = drawn(draws, { energy: params }, input, { randomness: { key: random.key(1) }, steps: 60 });
    const { mean, variance } = momentsOf(y);
    // Standard errors: 0.0035 and 0.0025. Five of them: a false-alarm rate below 1e-6.
    expect(Math.abs(mean - 0.78322)).toBeLessThan(0.0177);
    expect(Math.abs(variance - 0.25036)).toBeLessThan(0.0125);
  });

  it("without noise approach the posterior mean by the factor q^K", () => {
    const { draws, params, sampler, variances, levels } = optimal({ mean: -0.8, variance: 0.25 });
    for (const t of [0, 3, 5]) {
      const [alpha, sd] = [levels.transitions.scale[t]!, levels.transitions.noise[t]!];
      const prior = 1 / (alpha ** 2 * variances[t]!);
      const pull = levels.transitions.tethered[t]! / sd ** 2;
      const mean = (prior * alpha * six.signal[t]! * -0.8 + pull * 1.3) / (prior + pull);
      const q = 1 - (sampler.stepSizes[t]! ** 2 * (prior + pull)) / 2;
      const input = {
        far: tf.fill([1, 1], 1.3),
        transition: level(1, t),
        stepSizes: steps(sampler),
        noise: tf.scalar(0),
      };
      const { y } = drawn(draws, { energy: params }, input, { randomness: { key: random.key(0) }, steps: 30 });
      expect(y.dataSync()[0]).toBeCloseTo(mean + q ** 30 * (1.3 - mean), 4);
    }
  });

  it("of mixed levels are those of each level with the same noise, compiled and not", async () => {
    const { draws, params, sampler } = optimal({ variance: 0.3 });
    const far = random.normal(random.key(2), [6, 3]);
    const transition = tf.range(0, 6, 1, "int32");
    const randomness = { key: random.key(3) };
    const input = { far, transition, stepSizes: steps(sampler), noise: tf.scalar(1) };
    const request = { randomness, steps: 12 };
    const mixed = drawn(draws, { energy: params }, input, request).y.arraySync() as number[][];
    const compiled = compiledDraws(draws);
    const { y } = await compiled.run({ energy: params }, input, request);
    expect(tf.max(tf.abs(tf.sub(y, tf.tensor(mixed)))).dataSync()[0]).toBeLessThan(1e-5);
    for (let t = 0; t < 6; t++) {
      const single = drawn(draws, { energy: params }, { ...input, transition: level(6, t) }, request).y;
      const row = (single.arraySync() as number[][])[t]!;
      row.forEach((value, i) => expect(value).toBeCloseTo(mixed[t]![i]!, 5));
    }
    await compiled.dispose();
  });
});

it("the normal approximation misses the posterior mean by an amount that falls as σ⁴", () => {
  const missed = (sd: number): number => {
    const a = Math.sqrt(1 - sd ** 2);
    const table = (...values: number[]) => Float64Array.from(values);
    const of = {
      transitions: 1,
      ...{ signal: table(1, a), noise: table(0, sd), stepSignal: table(1, a), stepNoise: table(0, sd) },
    };
    const sampler = normalSampler(of);
    const { draws, params } = optimal({
      of,
      top: "conditional",
      energyScale: "noise",
      sampler,
      mean: 0.5,
      variance: 0.7,
    });
    const input = {
      far: tf.fill([1, 1], 1.3),
      transition: level(1, 0),
      stepSizes: steps(sampler),
      noise: tf.scalar(0),
    };
    const { y } = drawn(draws, { energy: params }, input, { randomness: { key: random.key(0) }, steps: 0 });
    const precision = 1 / (a * a * 0.7) + 1 / sd ** 2;
    return y.dataSync()[0]! - (0.5 / (a * 0.7) + 1.3 / sd ** 2) / precision;
  };
  const ratio = missed(0.4) / missed(0.2);
  expect(ratio).toBeGreaterThan(14);
  expect(ratio).toBeLessThan(21);
});

it("ancestral samples have the law of the data, up to the bias of the step", async () => {
  const sampler = langevinSampler({ steps: 80, stepSizes: proportionalSteps(six, 0.1) });
  const { draws, params, levels } = optimal({ mean: -0.8, variance: 0.25, sampler });
  const compiled = compiledDraws(draws);
  const chain = ancestral({ draws: compiled, levels, shape: [20] });
  const n = 500;
  const seen: number[] = [];
  const x = await chain.descend(
    { params: { energy: params }, stepSizes: steps(sampler) },
    { randomness: { key: random.key(4) }, n, steps: 80, noise: 1 },
    async (t) => void seen.push(t),
  );
  expect(seen).toEqual([5, 4, 3, 2, 1, 0]);
  const { mean, variance } = momentsOf(x);
  // Unadjusted steps of 0.1/P of each level widen level 0 from 0.2501 to about 0.266; here s² is
  // 0.1 σ², smaller than that. Standard errors: 0.005 and 0.0036.
  expect(Math.abs(mean + 0.8)).toBeLessThan(0.03);
  expect(variance).toBeGreaterThan(0.232);
  expect(variance).toBeLessThan(0.275);
  await Promise.all([compiled.dispose(), chain.dispose()]);
});

describe("partition functions", () => {
  // log Z_t - log Z^x_{t+1} for d = 2 and v = 0.25.
  const references = [-0.38389, -0.74529, -0.83782, -0.90415, -1.0083];

  const at = ({ params }: ReturnType<typeof optimal>, t: number, n: number) => ({
    ...{ params, transition: level(n, t), top: t === 5 },
  });
  const far = (t: number, { variances }: ReturnType<typeof optimal>, n: number) =>
    random.normal(random.fold(random.key("far"), t), [n, 2], { sd: Math.sqrt(variances[t + 1] ?? 1) });
  const near = (t: number, { variances, levels }: ReturnType<typeof optimal>, n: number) => {
    const sd = levels.transitions.scale[t]! * Math.sqrt(variances[t]!);
    return random.normal(random.fold(random.key("near"), t), [n, 2], { sd });
  };
  const logMean = (logs: tf.Tensor): number => logMeanExp(logs.dataSync());

  it.each([0, 1, 2, 3, 4])("follow from the normal approximation at t = %d", (t) => {
    const model = optimal({ variance: 0.25 });
    const sd = tf.scalar(model.levels.transitions.noise[t]!);
    const { down } = transitionWeights(model.energies, model.levels);
    const n = 100_000;
    const { logWeights } = down(at(model, t, n), far(t, model, n), { centre: tf.square(sd), sd }, random.key(t));
    // At t = 4 the proposal has twice the true spread.
    expect(Math.abs(logMean(logWeights) - references[t]!)).toBeLessThan([0.005, 0.02, 0.04, 0.06, 0.1][t]!);
  });

  it.each([0, 1, 2, 3, 4])("have weights without variance for the posterior as proposal, at t = %d", (t) => {
    const model = optimal({ variance: 0.25 });
    const { scale, noise } = model.levels.transitions;
    const [prior, pull] = [1 / (scale[t]! ** 2 * model.variances[t]!), 1 / noise[t]! ** 2];
    // The posterior mean is x σ^-2/P, and -∇E = -x times the prior precision.
    const posterior = { centre: tf.scalar(1 / (prior + pull)), sd: tf.scalar((prior + pull) ** -0.5) };
    const { down, up } = transitionWeights(model.energies, model.levels);
    const of = at(model, t, 500);
    const forward = down(of, far(t, model, 500), posterior, random.key(t)).logWeights;
    const reverse = up(of, near(t, model, 500), posterior, random.key(t)).logWeights;
    for (const value of forward.dataSync()) expect(value).toBeCloseTo(references[t]!, 3);
    for (const value of reverse.dataSync()) expect(-value).toBeCloseTo(references[t]!, 3);
  });

  it.each([0, 2, 4])("are bounded from both sides with fitted proposals, at t = %d", (t) => {
    const model = optimal({ variance: 0.25 });
    const { down, up, proposal } = transitionWeights(model.energies, model.levels);
    // Pairs of the model: x_{t+1} = y + σ ε.
    const y = near(t, model, 20_000);
    const of = at(model, t, 20_000);
    const x = tf.add(y, random.normal(random.key("pair"), y.shape, { sd: model.levels.transitions.noise[t]! }));
    const fitted = proposal(of, y, x);
    expect(Math.abs(logMean(down(of, x, fitted, random.key(t)).logWeights) - references[t]!)).toBeLessThan(0.01);
    expect(Math.abs(logMean(up(of, y, fitted, random.key(t)).logWeights) + references[t]!)).toBeLessThan(0.01);
  });

  it("have nearly equal weights where entries have variances of their own", () => {
    const { levels } = optimal({});
    const { scale, noise } = levels.transitions;
    const variance = (t: number) => [0.01, 1].map((v) => six.signal[t]! ** 2 * v + six.noise[t]! ** 2);
    const precisions = [0, 1].map((t) => variance(t).map((v) => levels.scale[t]! / (scale[t]! ** 2 * v)));
    const model: ConditionalEnergy<Record<string, never>> = {
      init: () => ({}),
      energy: (_, y, time) =>
        tf.sum(
          tf.mul(tf.mul(0.5, tf.gather(tf.tensor2d(precisions), tf.cast(time, "int32"))), tf.square(y)),
          1,
        ) as tf.Tensor1D,
    };
    const { down, proposal } = transitionWeights(levelEnergies(model, levels), levels);
    const n = 20_000;
    const sds = tf.mul(scale[0]!, tf.sqrt(tf.tensor1d(variance(0))));
    const y = tf.mul(random.normal(random.key("near"), [n, 2]), sds);
    const x = tf.add(y, random.normal(random.key("far"), [n, 2], { sd: noise[0]! }));
    const of = { params: {}, transition: level(n, 0), top: false };
    const forward = down(of, x, proposal(of, y, x), random.key(0)).logWeights;
    const found = momentsOf(forward);
    const exact = variance(0).reduce((sum, v, i) => sum + 0.5 * Math.log((scale[0]! ** 2 * v) / variance(1)[i]!), 0);
    expect(found.mean).toBeCloseTo(exact, 2);
    expect(found.variance).toBeLessThan(1e-3);
  });

  it("of a marginal top level follow from a normal proposal", () => {
    const model = optimal({ variance: 0.25 });
    const n = 50_000;
    const of = at(model, 5, n);
    const [y, x] = [near(5, model, n), far(5, model, n)];
    const { down, up, proposal } = transitionWeights(model.energies, model.levels);
    const exact = Math.log(2 * Math.PI * model.variances[5]!);
    for (const r of [{ centre: tf.scalar(0), sd: tf.scalar(1) }, proposal(of, y, x)]) {
      expect(logMean(down(of, x, r, random.key(5)).logWeights)).toBeCloseTo(exact, 2);
      expect(-logMean(up(of, y, r, random.key(5)).logWeights)).toBeCloseTo(exact, 2);
    }
  });

  it("of levels that do not fit each other are bounded from both sides", async () => {
    // Precisions are off by a factor of each level: the noisy law of one is not that of the next.
    const excess = [1.6, 0.7, 1.5, 0.8, 1.4, 1.2];
    const sampler = malaSampler({ steps: 30, stepSizes: proportionalSteps(six, 0.1) });
    const { levels, variances } = optimal({ sampler, variance: 0.25 });
    const { scale } = levels.transitions;
    const precisions = excess.map((factor, t) => factor / (scale[t]! ** 2 * variances[t]!));
    const model = quadratic(6, {
      precision: precisions.map((precision, t) => levels.scale[t]! * precision),
      centre: excess.map(() => 0),
    });
    const d = 3;
    const learner = recoveryLikelihood({
      model,
      optimizer: adam({ learningRate: 0 }),
      ...{ observe: (x: tf.Tensor) => x, shape: [d], sampler },
    });
    const state = await learner.init(random.key(0), tf.zeros([1, d]));
    const exact = (d / 2) * Math.log((2 * Math.PI) / precisions[0]!);
    const { logPartition, reverse } = await learner.likelihood!.partition(state, random.key(1));
    expect(logPartition - exact).toBeLessThan(0.1);
    expect(logPartition - exact).toBeGreaterThan(-0.3);
    expect(reverse! - exact).toBeGreaterThan(-0.1);
    expect(reverse! - exact).toBeLessThan(0.3);
    await learner.dispose?.();
  });
});
