/**
 * Chains of levels against the laws of their discretisation. Bounds are 5 standard errors, of false
 * alarm 6e-7 each.
 */
import { compile, useEngine } from "@ergodic/engine";
import type { Conditioned, Layer } from "@ergodic/nn";
import { ladder, langevinSteps, levelsOf } from "@ergodic/noising";
import { random, type Key } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { levelChains, type Far } from "../../src/diffusion/chains.js";

const six = ladder.recovery(6);
const stepSizes = langevinSteps(six, 2e-3);
const levels = levelsOf({ ladder: six, top: "tilted", energyScale: "step", time: "index", stepSizes });

/** Chains of logits without parameters. */
const chainsOf = (f: (y: tf.Tensor, t: tf.Tensor) => tf.Tensor, symbols: number, steps: number) => {
  const network: Layer<readonly never[], Conditioned> = {
    init: () => [],
    apply: (_, { image, condition }) => f(image, condition),
  };
  return levelChains({ network, symbols, levels, chain: { steps, stepSizes } });
};

/** One logit w · y, with w = 1 in every coordinate. */
const linear = (y: tf.Tensor): tf.Tensor => tf.sum(y, 1, true);

/** Over all coordinates. */
const spread = (x: tf.Tensor) => {
  const { mean, variance } = tf.moments(x);
  return { mean: mean.dataSync()[0]!, variance: variance.dataSync()[0]! };
};

beforeAll(() => useEngine("onnx"));

it("s_t² and s_t²/σ² are those of the released code", () => {
  const squares = [2.0954e-4, 0.01727684, 0.04686129, 0.07920203, 0.1074203, 0.1919632];
  squares.forEach((square, t) => expect(levels.scale[t]! / square).toBeCloseTo(1, 4));
  const rates = [0.002, 0.0647637, 0.11724385, 0.15569057, 0.17960267, 0.19206284];
  rates.forEach((rate, t) => expect(levels.scale[t]! / six.stepNoise[t + 1]! ** 2 / rate).toBeCloseTo(1, 5));
});

/** Moves of the mean and variances for w = 1: (1 - ρ^K)/κ and σ²(1 - ρ^2K)/(1 - κ/4). */
describe.each([
  [50, [24.3972, 12.4631, 8.1132, 6.3113, 5.5174, 5.1732], [0.00998, 0.261074, 0.41078, 0.529157, 0.626166, 1.049849]],
  [20, [9.9056, 7.447, 5.9813, 5.153, 4.7198, 4.5154], [0.004112, 0.198483, 0.375014, 0.508622, 0.61169, 1.031388]],
] as const)("after %i steps on a linear energy", (steps, shifts, variances) => {
  it("have the mean and the variance of every level", async () => {
    const [rows, d] = [500, 16];
    const chains = chainsOf(linear, 1, steps);
    const draw = compile((far: Far, key: Key) => chains.draw([], far, key));
    for (let t = 0; t < 6; t++) {
      // The top starts at 0 too: its chain forgets x_T, and tends to the origin.
      const far = {
        far: tf.fill([rows, d], t === 5 ? 0 : 0.7),
        transition: tf.fill([rows], t, "int32") as tf.Tensor1D,
      };
      const x = await draw(far, random.key(t));
      const { mean, variance } = spread(x);
      const [expected, n] = [shifts[t]! + (t === 5 ? 0 : 0.7), rows * d];
      expect(Math.abs(mean - expected), `mean at ${t}`).toBeLessThan(5 * Math.sqrt(variances[t]! / n) + 1e-3);
      expect(Math.abs(variance / variances[t]! - 1), `variance at ${t}`).toBeLessThan(5 * Math.sqrt(2 / n) + 1e-3);
    }
  });
});

it.each([
  [50, [25.7266, 23.0213, 16.6189, 9.5657, 4.1703, 1.0499]],
  [20, [25.2305, 22.5831, 16.3601, 9.4461, 4.1321, 1.049]],
])("without energy the descent of %i steps has the variances of its levels", async (steps, variances) => {
  const [rows, d] = [1_000, 20];
  const chains = chainsOf((y) => tf.zeros([y.shape[0]!, 1]), 1, steps);
  const descend = compile((far: Far, key: Key) => chains.descend([], far, key));
  let x: tf.Tensor = random.normal(random.key("top"), [rows, d]);
  for (let t = 5; t >= 0; t--) {
    x = await descend({ far: x, transition: tf.fill([rows], t, "int32") as tf.Tensor1D }, random.key(t));
    const bound = 5 * Math.sqrt(2 / (rows * d));
    expect(Math.abs(spread(x).variance / variances[t]! - 1), `level ${t}`).toBeLessThan(bound);
  }
});

/**
 * F = s² log of a mixture of two normal laws at ±1, of variance ¼: with the tether the law is again
 * such a mixture. Bounds leave room for the bias of the step and 5 standard errors.
 */
it.each([
  [1, 0.2871, 0.3593],
  [2, 0.2606, 0.4986],
])("at level %i it samples a mixture with a tether", async (t, mean, variance) => {
  const log = (y: tf.Tensor, centre: number) => tf.mul(-2, tf.square(tf.sub(y, centre)));
  const chains = chainsOf(
    (y) => tf.mul(levels.scale[t]!, tf.logSumExp(tf.concat([log(y, 1), log(y, -1)], 1), 1, true)),
    1,
    60,
  );
  const n = 20_000;
  const far: Far = { far: tf.fill([n, 1], 0.2), transition: tf.fill([n], t, "int32") as tf.Tensor1D };
  const draw = compile((from: Far, key: Key) => chains.draw([], from, key));
  const found = spread(await draw(far, random.key(9)));
  expect(Math.abs(found.mean - mean)).toBeLessThan(0.03);
  expect(Math.abs(found.variance - variance)).toBeLessThan(0.02);
});

it("given a symbol, the chain follows the logit of that symbol", async () => {
  const chains = chainsOf((y) => tf.concat([linear(y), tf.neg(linear(y))], 1), 2, 20);
  const n = 400;
  const symbols = tf.concat1d([tf.zeros([n / 2], "int32"), tf.ones([n / 2], "int32")]);
  const far: Far = { far: tf.zeros([n, 4]), transition: tf.fill([n], 2, "int32") as tf.Tensor1D, symbols };
  const draw = compile((from: Far, key: Key) => chains.draw([], from, key));
  const [first, second] = tf.split(await draw(far, random.key(3)), 2) as [tf.Tensor, tf.Tensor];
  const bound = 5 * Math.sqrt(0.375014 / (2 * n));
  expect(Math.abs(spread(first).mean - 5.9813)).toBeLessThan(bound);
  expect(Math.abs(spread(second).mean + 5.9813)).toBeLessThan(bound);
});
