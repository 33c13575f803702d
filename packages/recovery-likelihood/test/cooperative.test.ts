/** Chains that start at an initialiser: arXiv 2309.05153. */
import { useEngine, valueAndGrad } from "@ergodic/engine";
import { adam, type Conditioned, type Layer } from "@ergodic/nn";
import { ladder, langevinSteps } from "@ergodic/noising";
import { random, tree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { drawn } from "../src/compiled-draws.js";
import { levelEnergies } from "../src/conditional.js";
import { drawsOf } from "../src/draws.js";
import { langevinSampler, recoveryLikelihood } from "../src/index.js";
import { learning } from "../src/learning.js";
import { levelsOf } from "@ergodic/noising";
import { withDefaults } from "../src/options.js";
import { quadratic } from "./quadratic.js";

beforeAll(() => useEngine("onnx"));

const six = ladder.cosine(6);
const [mean, variance] = [-0.8, 0.25];
const steps = 5;
const sizes = langevinSteps(six, 6e-3 / steps);
const spreads = Array.from(six.signal, (a, i) => a * a * variance + six.noise[i]! ** 2);
const alphas = Array.from({ length: 6 }, (_, t) => (t === 5 ? 1 : six.stepSignal[t + 1]!));
const optimal = {
  precision: alphas.map((alpha, t) => sizes[t]! ** 2 / (alpha ** 2 * spreads[t]!)),
  centre: alphas.map((alpha, t) => alpha * six.signal[t]! * mean),
};

type Linear = { readonly slope: tf.Tensor; readonly offset: tf.Tensor };

/** y = slope_i x + offset_i for x of level i; levels are their own numbers. */
const linear = (slope: number[], offset: number[]): Layer<Linear, Conditioned> => ({
  init: () => ({ slope: tf.tensor1d(slope), offset: tf.tensor1d(offset) }),
  apply({ slope: a, offset: b }, { image, condition }) {
    const level = tf.sub(tf.cast(condition, "int32"), tf.scalar(1, "int32"));
    return tf.add(tf.mul(tf.expandDims(tf.gather(a, level), 1), image), tf.expandDims(tf.gather(b, level), 1));
  },
});

const optionsWith = (initialiser: Layer<Linear, Conditioned>, learningRate = 1e-3) =>
  withDefaults({
    model: quadratic(6, optimal),
    optimizer: adam({ learningRate: 0 }),
    observe: (x: tf.Tensor) => x,
    shape: [8],
    ladder: six,
    sharedNoise: true,
    sampler: langevinSampler({ steps, stepSizes: sizes }),
    initialiser: { model: initialiser as never, optimizer: adam({ learningRate }) },
  });

function ruleOf(options: ReturnType<typeof optionsWith>) {
  const levels = levelsOf({ ...options, stepSizes: options.sampler.stepSizes });
  const energies = levelEnergies(options.model, levels);
  const draws = drawsOf(energies, levels, { sampler: options.sampler, initialiser: options.initialiser });
  return { levels, draws, energies, rule: learning({ options, levels, energies, draws }) };
}

it("has the posterior mean as start, to which noise is added, for the posterior mean as initialiser", () => {
  // E(y_t | x_{t+1}) is linear in x_{t+1}.
  const slope = alphas.map((alpha, t) => (alpha * six.stepSignal[t + 1]! * spreads[t]!) / spreads[t + 1]!);
  const offset = alphas.map((alpha, t) => alpha * six.signal[t]! * mean - slope[t]! * six.signal[t + 1]! * mean);
  const { draws, levels } = ruleOf(optionsWith(linear(slope, offset)));
  const n = 20_000;
  const params = {
    energy: { logPrecision: tf.zeros([6]), centre: tf.zeros([6]) },
    initialiser: linear(slope, offset).init(random.key(0)),
  };
  for (const t of [0, 3, 5]) {
    const far = random.normal(random.key(t), [n, 1], {
      mean: six.signal[t + 1]! * mean,
      sd: Math.sqrt(spreads[t + 1]!),
    });
    const transition = tf.fill([n], t, "int32") as tf.Tensor1D;
    const input = { far, transition, stepSizes: tf.tensor1d([...sizes]), noise: tf.scalar(1) };
    const { position, injected } = draws.start(params as never, input, { key: random.key("n") });
    expect(Math.abs(tf.mean(position).dataSync()[0]! - optimal.centre[t]!)).toBeLessThan(0.035);
    const sd = Math.sqrt(tf.moments(injected!).variance.dataSync()[0]!);
    expect(sd / levels.transitions.initialNoise[t]!).toBeCloseTo(1, 1);
  }
});

it("sees what is left of x_{t+1} in white data where its input is shrunk", () => {
  const same = linear([1, 1, 1, 1, 1, 1], [0, 0, 0, 0, 0, 0]);
  const { ladder: of, initialiser, ...options } = optionsWith(same);
  const { draws, levels } = ruleOf({ ...options, ladder: of, initialiser: { ...initialiser!, input: "shrunk" } });
  for (const t of [0, 3, 4]) {
    const far = tf.fill([1, 1], 1.3);
    const found = draws.predicted(same.init(random.key(0)), { far, transition: tf.tensor1d([t], "int32") });
    // The posterior mean of y_t for N(0, 1): prior precision 1/α², pull 1/σ².
    const [alpha, sd] = [levels.transitions.scale[t]!, of.stepNoise[t + 1]!];
    expect(found.dataSync()[0]).toBeCloseTo(1.3 / sd ** 2 / (1 / alpha ** 2 + 1 / sd ** 2), 5);
  }
});

describe("an update", () => {
  const setting = () => {
    const options = optionsWith(linear([0.9, 0.8, 0.7, 0.6, 0.5, 0.2], [0, 0, 0, 0, 0, 0]));
    const { rule, draws } = ruleOf(options);
    const state = rule.init(random.key(0));
    const x = random.normal(random.key("x"), [48, 8], { mean, sd: 0.5 });
    const prepared = rule.prepare(x, random.key("prepare"));
    const input = {
      far: prepared.far,
      transition: prepared.transition,
      stepSizes: rule.stepSizes(state),
      noise: tf.scalar(1),
    };
    const made = drawn(draws, state.params, input, { randomness: { key: random.key("draw") }, steps });
    return { rule, state, prepared, made };
  };

  it("moves the initialiser by the ends of the chains alone, and the energy by the data", () => {
    const { rule, state, prepared, made } = setting();
    const { state: next, metrics } = rule.finish(state, prepared, made, 1);
    const moved = (part: "energy" | "initialiser") =>
      tree.leaves(next.params[part]!).some((leaf, i) => {
        const before = tree.leaves(state.params[part]!)[i]!;
        return tf.max(tf.abs(tf.sub(leaf, before))).dataSync()[0]! > 0;
      });
    // The optimiser of the energy has rate 0.
    expect([moved("energy"), moved("initialiser")]).toEqual([false, true]);
    expect(metrics["initialiserError"]!.dataSync()[0]).toBeGreaterThan(0);
  });

  it("has no loss of the energy where the chains end at the data", () => {
    const { rule, state, prepared, made } = setting();
    const { metrics } = rule.finish(state, prepared, { ...made, y: prepared.positive }, 1);
    expect(Math.abs(metrics["energyGap"]!.dataSync()[0]!)).toBeLessThan(1e-6);
  });
});

it("learns the map from x_{t+1} to the mean of the chains' ends", async () => {
  const options = optionsWith(linear([0.5, 0.5, 0.5, 0.5, 0.5, 0.5], [0, 0, 0, 0, 0, 0]), 0.02);
  const learner = recoveryLikelihood(options);
  let state = await learner.init(random.key(0), tf.zeros([1, 8]));
  const error: number[] = [];
  for (let i = 0; i < 400; i++) {
    const x = random.normal(random.fold(random.key("x"), i), [256, 8], { mean, sd: 0.5 });
    const next = await learner.update(state, x, { key: random.fold(random.key("u"), i), iteration: i });
    tree.dispose([state, x]);
    ({ state } = next);
    error.push(next.metrics.initialiserError!);
  }
  // A chain of q^K from y⁰ = a x + b + ν ξ has the mean μ(x) + q^K (a x + b - μ(x)): the fixed
  // point is μ.
  const { slope, offset } = state.params.initialiser as Linear;
  const [a, b] = [slope.dataSync(), offset.dataSync()];
  for (let t = 0; t < 6; t++) {
    const [sd, rho] = [six.stepNoise[t + 1]!, t === 5 ? 0 : 1];
    const prior = 1 / (alphas[t]! ** 2 * spreads[t]!);
    const precision = prior + rho / sd ** 2;
    expect(Math.abs(a[t]! - rho / sd ** 2 / precision)).toBeLessThan(0.3);
    expect(Math.abs(b[t]! - (prior * optimal.centre[t]!) / precision)).toBeLessThan(0.3);
  }
  expect(error.at(-1)!).toBeLessThan(error[0]!);
  await learner.dispose?.();
});

it("shared noise leaves the mean of the energy's gradient and lowers its variance", () => {
  // E(y⁺) - E(y⁻) with y⁻ a noiseless chain from x_{t+1}: with one ε both move together.
  const gradientOf = (shared: boolean, key: number): number[] => {
    const options = { ...optionsWith(linear([1, 1, 1, 1, 1, 1], [0, 0, 0, 0, 0, 0])), sharedNoise: shared };
    const { rule, energies, draws } = ruleOf(options);
    const x = random.normal(random.fold(random.key("x"), key), [600, 8], { mean, sd: 0.5 });
    const { far, transition, positive } = rule.prepare(x, random.fold(random.key("pair"), key));
    const energy = options.model.init(random.key(0));
    const input = { far, transition, stepSizes: tf.tensor1d([...sizes]), noise: tf.scalar(0) };
    const { y } = drawn(draws, { energy }, input, { randomness: { key: random.key(1) }, steps });
    const gap = (p: typeof energy) =>
      tf.mean(tf.sub(energies.network(p, positive, transition), energies.network(p, y, transition)));
    return [...valueAndGrad(gap)(energy).grad.centre.dataSync()];
  };
  const runs = 24;
  const statistics = [true, false].map((shared) => {
    const all = Array.from({ length: runs }, (_, i) => gradientOf(shared, i)[1]!);
    const average = all.reduce((a, b) => a + b) / runs;
    return { average, spread: all.reduce((a, b) => a + (b - average) ** 2, 0) / (runs - 1) };
  });
  const [with_, without] = statistics as [(typeof statistics)[0], (typeof statistics)[0]];
  expect(with_.spread).toBeLessThan(0.8 * without.spread);
  const error = Math.sqrt((with_.spread + without.spread) / runs);
  expect(Math.abs(with_.average - without.average)).toBeLessThan(5 * error);
});
