/**
 * Which law the chain in noise samples, where the standard deviation of the lower layer depends on
 * the upper one: z2 = ε2 and z1 = exp(κ ε2) ε1, without a tilt.
 *
 * The law of ε is N(0, I). The density of z at T(ε) without the Jacobian exp(κ ε2) of T is another
 * one, exp(-½|ε|² - κ ε2): its ε2 is N(-κ, 1). The code of arXiv 2306.06323 samples that one.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, grad, useEngine } from "@ergodic/engine";
import type { EnergyModel } from "@ergodic/energies";
import { gaussianHierarchy, type LayeredLatents } from "@ergodic/generators";
import { dense, type Layer, type NoParams } from "@ergodic/nn";
import { runSteps } from "@ergodic/samplers";
import { random, type Key, type TensorTree } from "@ergodic/tensor";
import { noisePrior } from "../src/noise-prior.js";
import { enginesOnThisMachine, largestDifference, sixSigma, valuesOf } from "./support.js";

const kappa = 0.5;
const conditional = {
  ...dense({ in: 1, out: 2 }),
  init: () => ({ weight: tf.tensor2d([[0, kappa]]), bias: tf.zeros([2]) }),
} as Layer<TensorTree>;
const latents = gaussianHierarchy({ dimensions: [1, 1], conditionals: [conditional], floor: 0 });
const flat: EnergyModel<NoParams, LayeredLatents> = {
  init: () => [],
  energy: (_params, { z1 }) => tf.squeeze(tf.mul(0, z1!), [1]),
};
const chain = { steps: 20, stepSize: 0.4 };
const prior = noisePrior({ energy: flat, latents, prior: chain });
const makeParams = () => ({ energy: [], latents: latents.init(random.key(0)) });
type Params = ReturnType<typeof makeParams>;

/**
 * Mean and variance of the numbers, and the bounds of their errors at a false-alarm rate of 1e-6.
 */
function expectLaw(numbers: readonly number[], mean: number, variance: number): void {
  const n = numbers.length;
  const found = numbers.reduce((sum, value) => sum + value, 0) / n;
  const spread = numbers.reduce((sum, value) => sum + (value - found) ** 2, 0) / (n - 1);
  expect(Math.abs(found - mean)).toBeLessThan(sixSigma * Math.sqrt(variance / n));
  expect(Math.abs(spread - variance)).toBeLessThan(sixSigma * variance * Math.sqrt(2 / (n - 1)));
}

describe.each(enginesOnThisMachine)("the chain in noise on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });
  const count = 2_000;
  // Of the start's variance 1 and mean the factors F^40 and F^20 are left, with F = 1 - s²/2.
  const left = 0.92 ** chain.steps;
  const stationary = 1 / (1 - 0.4 ** 2 / 4);
  const variance = stationary + left ** 2 * (1 - stationary);

  it("samples N(0, I), whatever the deviations of the layers are", async () => {
    const draw = compile((params: Params, key: Key) => prior.sample(params, count, key));
    const { z1, z2 } = await draw(makeParams(), random.key("noise"));
    const [bottom, top] = [valuesOf(z1!), valuesOf(z2!)];
    expectLaw(top, 0, variance);
    expectLaw(
      bottom.map((value, i) => value / Math.exp(kappa * top[i]!)),
      0,
      variance,
    );
  });

  it("samples ε2 ~ N(-κ, 1) if the Jacobian is left out", async () => {
    const released = noisePrior({ energy: flat, latents, prior: chain, jacobian: false });
    const draw = compile((params: Params, key: Key) => released.sample(params, count, key));
    const { z2 } = await draw(makeParams(), random.key("without"));
    expectLaw(valuesOf(z2!), -kappa * (1 - left), variance);
  });

  it("has the energy ½|ε|² and the gradient ε", async () => {
    const noise = () => ({ z1: tf.tensor2d([[1], [-2]]), z2: tf.tensor2d([[0.5], [3]]) });
    const found = await compile((params: Params, at: LayeredLatents) => {
      const energy = prior.noiseEnergy(params);
      return { energy: energy(at), slope: grad((e: LayeredLatents) => tf.sum(energy(e)))(at) };
    })(makeParams(), noise());
    expect(largestDifference(valuesOf(found.energy), [0.625, 6.5])).toBeLessThan(1e-6);
    expect(valuesOf(found.slope.z1!)).toEqual([1, -2]);
    expect(valuesOf(found.slope.z2!)).toEqual([0.5, 3]);
  });

  // A step of variance η = s² has the factor 1 - η/2: 20 steps of η = 4e-5 keep 0.9996 of a start.
  it("stays where it starts with the tiny steps of two-stage learning", async () => {
    const tiny = noisePrior({ energy: flat, latents, prior: { steps: 20, stepSize: Math.sqrt(4e-5) } });
    const run = compile((params: Params, start: LayeredLatents, key: Key) =>
      runSteps(tiny.kernel(params), start, { steps: 20, key }),
    );
    const end = async (at: number): Promise<number[]> => {
      const start = { z1: tf.fill([3, 1], at), z2: tf.fill([3, 1], at) };
      const { position } = await run(makeParams(), start, random.key("tiny"));
      return [position.z1!, position.z2!].flatMap(valuesOf);
    };
    // With one key the noise of both runs is the same.
    const [from, to] = [await end(0), await end(1)];
    const kept = to.map((value, i) => value - from[i]!);
    expect(
      largestDifference(
        kept,
        kept.map(() => (1 - 2e-5) ** 20),
      ),
    ).toBeLessThan(2e-6);
    expect(Math.max(...from.map(Math.abs))).toBeLessThan(5 * Math.sqrt(20 * 4e-5));
  });
});
