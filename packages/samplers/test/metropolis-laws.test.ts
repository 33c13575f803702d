/**
 * Every kernel with an accept step leaves its target invariant. One transition reveals a wrong
 * sign, a missing half kick or a forgotten density ratio.
 *
 * Kolmogorov-Smirnov tests use 10,000 exact draws after one transition, two coordinates each, at p
 * > 10⁻³ with fixed keys. With 14 tests, a set of other keys fails with probability 0.014.
 * Variances are within 5 standard errors.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { useEngine } from "@ergodic/engine";
import { random, type Key } from "@ergodic/tensor";
import {
  cycle,
  hmc,
  independence,
  langevin,
  mala,
  mixture,
  nuts,
  runChain,
  sample,
  type Energy,
  type HostKernel,
  type Kernel,
} from "@ergodic/samplers";
import { flawedHmc, flaws } from "./flawed-kernels.js";
import { ksProbability, normalCdf, tailOf } from "./kolmogorov-smirnov.js";
import { expectGaussian, valuesOf } from "./support.js";

const chains = 10_000;
const key = random.key("laws");
const proposal = {
  sample: (k: Key, n: number): tf.Tensor => random.normal(k, [n, 2], { sd: 1.6 }),
  energy: (x: tf.Tensor): tf.Tensor => tf.div(tf.sum(tf.square(x), [1]), 2 * 1.6 * 1.6),
};
type Options = { readonly energy: Energy; readonly stepSize: number; readonly temperature: number };
type Make = (options: Options) => Kernel<tf.Tensor> | HostKernel<tf.Tensor>;

/** One row per kernel with an accept step. */
const kernels: readonly (readonly [string, Make])[] = [
  ["mala", (options) => mala(options)],
  ["hmc", (options) => hmc({ ...options, steps: 4 })],
  ["hmc, lengths drawn", (options) => hmc({ ...options, steps: [1, 2, 5] })],
  ["nuts", (options) => nuts(options)],
  ["independence", (options) => independence({ ...options, proposal })],
  ["mixture", (options) => mixture([mala(options), independence({ ...options, proposal })])],
  ["cycle", (options) => cycle([mala(options), independence({ ...options, proposal })])],
];

/**
 * 1.6 times the smallest standard deviation of {@link correlated}. Leapfrog steps become unstable
 * at 2. The errors of smaller steps are too small to reveal mistakes.
 */
const largeStep = 1;

/** E of N(0, Σ), Σ = [[1, 0.6], [0.6, 1]], and exact draws. */
const correlated: Energy = (x) => {
  const cross = tf.prod(x, 1);
  return tf.div(tf.sub(tf.mul(0.5, tf.sum(tf.square(x), [1])), tf.mul(0.6, cross)), 0.64);
};
const exactDraws = (): tf.Tensor =>
  tf.matMul(
    random.normal(random.key("exact"), [chains, 2]) as tf.Tensor2D,
    tf.tensor2d([
      [1, 0.6],
      [0, 0.8],
    ]),
  );

const column = (x: tf.Tensor, i: number): number[] => valuesOf(x).filter((_, k) => k % 2 === i);

beforeAll(async () => {
  await useEngine("onnx");
});

it("the test of distributions knows its critical values, and sees a scale that is wrong by 5 %", () => {
  // A distance of 1.6276/√n has probability 0.01.
  const n = 10_000;
  expect(normalCdf(1.959963985)).toBeCloseTo(0.975, 6);
  expect(tailOf(1.6276 / Math.sqrt(n), n)).toBeCloseTo(0.01, 3);
  const draws = column(exactDraws(), 0);
  expect(ksProbability(draws, 1)).toBeGreaterThan(1e-3);
  expect(ksProbability(draws, 0.95)).toBeLessThan(1e-3);
});

it.each(["nothing", ...flaws] as const)("one transition of hmc that gets wrong %s", async (flaw) => {
  const kernel = flawedHmc({ energy: correlated, stepSize: largeStep }, flaw);
  const { state } = await sample(kernel, { initial: exactDraws(), draws: 1, key });
  const probability = Math.min(...[0, 1].map((i) => ksProbability(column(state.position, i), 1)));
  if (flaw === "nothing") expect(probability).toBeGreaterThan(1e-3);
  else expect(probability).toBeLessThan(1e-3);
});

describe.each(kernels)("%s", (_, make) => {
  it("leaves exact draws exact, in one transition", async () => {
    const initial = exactDraws();
    const kernel = make({ energy: correlated, stepSize: largeStep, temperature: 1 });
    const { positions } = await sample(kernel, { initial, draws: 1, key });
    const position = tf.reshape(positions, [chains, 2]);
    for (const i of [0, 1]) expect(ksProbability(column(position, i), 1)).toBeGreaterThan(1e-3);
    expectGaussian(position, {
      mean: [0, 0],
      covariance: [
        [1, 0.6],
        [0.6, 1],
      ],
    });
    // At least half of the chains moved.
    const moved = valuesOf(tf.notEqual(tf.sum(tf.abs(tf.sub(position, initial)), 1), 0)).filter(Boolean).length;
    expect(moved / chains).toBeGreaterThan(0.3);
  });

  it("has at temperature T the variance T", async () => {
    const halfSquare: Energy = (x) => tf.mul(0.5, tf.sum(tf.square(x), [1]));
    const kernel = make({ energy: halfSquare, stepSize: 0.9, temperature: 1.7 });
    const { state } = await sample(kernel, { initial: tf.zeros([4000, 2]), draws: 32, key });
    expectGaussian(state.position, {
      mean: [0, 0],
      covariance: [
        [1.7, 0],
        [0, 1.7],
      ],
    });
  });

  it("never enters where the energy is NaN, and says that it tried", async () => {
    // Uniform in the disc, NaN outside.
    const walled: Energy = (x) => {
      const square = tf.sum(tf.square(x), [1]);
      return tf.where(tf.greater(square, 1), tf.fill(square.shape, NaN), tf.mul(0, square));
    };
    const kernel = make({ energy: walled, stepSize: 0.4, temperature: 1 });
    const polar = random.uniform(random.key("disc"), [2000, 2]);
    const [radius, angle] = [tf.sqrt(tf.slice(polar, [0, 0], [-1, 1])), tf.mul(2 * Math.PI, tf.slice(polar, [0, 1]))];
    const initial = tf.concat([tf.mul(radius, tf.cos(angle)), tf.mul(radius, tf.sin(angle))], 1);
    const { positions, info } = await sample(kernel, { initial, draws: 12, key });
    expect(valuesOf(tf.max(tf.sum(tf.square(positions), -1)))[0]).toBeLessThanOrEqual(1);
    const parts = "parts" in info ? (info.parts as readonly Record<string, tf.Tensor>[]) : [info];
    for (const part of parts) {
      const [divergent, accepted] = [valuesOf(part["divergent"] as tf.Tensor), valuesOf(part["accepted"] as tf.Tensor)];
      expect(divergent.some(Boolean)).toBe(true);
      if (!("treeDepth" in part)) divergent.forEach((flag, i) => expect(flag === 1 && accepted[i] === 1).toBe(false));
    }
    // The chains began with exact draws and keep their law, so r² is uniform in [0, 1].
    const last = tf.reshape(tf.slice(positions, [0, 11, 0], [-1, 1, -1]), [2000, 2]);
    const square = valuesOf(tf.mean(tf.sum(tf.square(last), 1)))[0]!;
    expect(Math.abs(square - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / 2000));
  });
});

it("where unadjusted Langevin has variance 4/3, the adjusted kernels have 1", async () => {
  const halfSquare: Energy = (x) => tf.mul(0.5, tf.sum(tf.square(x), [1]));
  const options = { energy: halfSquare, stepSize: 1 };
  const run = async (kernel: Kernel<tf.Tensor>) =>
    (await runChain(kernel, { initial: tf.zeros([20_000, 1]), steps: 30, key })).position;
  expectGaussian(await run(langevin(options)), { mean: [0], covariance: [[4 / 3]] });
  for (const kernel of [mala(options), hmc({ ...options, steps: 2 })]) {
    expectGaussian(await run(kernel), { mean: [0], covariance: [[1]] });
  }
});
