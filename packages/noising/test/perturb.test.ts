/** Moments of perturbed data, and tethers compared with the densities of the noise. */
import * as tf from "@tensorflow/tfjs-core";
import { compile, grad, useEngine } from "@ergodic/engine";
import { random, type Key } from "@ergodic/tensor";
import { beforeAll, describe, expect, it } from "vitest";
import { ladder, noisy, pair, perturb, tether, transitionsOf } from "../src/index.js";

const six = ladder.recovery(6);
const batch = 20_000;

const moments = (x: tf.Tensor) => {
  const { mean, variance } = tf.moments(x);
  return { mean: mean.dataSync()[0]!, variance: variance.dataSync()[0]! };
};

describe.each(["cpu", "onnx"] as const)("on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it("noisy data have mean x and variance σ², and are x itself without σ", () => {
    const x = tf.fill([batch, 2], 1.5);
    for (const sigma of [0.3, tf.scalar(0.3)]) {
      const { mean, variance } = moments(noisy(x, random.key(1), sigma));
      expect(Math.abs(mean - 1.5)).toBeLessThan(0.01);
      expect(Math.abs(variance - 0.09)).toBeLessThan(0.003);
    }
    expect(noisy(x, random.key(1), 0)).toBe(x);
  });

  it("a level has mean A x and variance S², the same for a number and for a tensor of levels", async () => {
    const x = tf.fill([batch, 2], 1.5);
    for (const level of [0, 3, 6]) {
      const one = perturb(six, x, level, random.key(1));
      const each = await compile((y: tf.Tensor, l: tf.Tensor1D, key: Key) => perturb(six, y, l, key))(
        x,
        tf.fill([batch], level, "int32"),
        random.key(1),
      );
      expect(tf.max(tf.abs(tf.sub(one, each))).dataSync()[0]).toBeLessThan(1e-6);
      const { mean, variance } = moments(one);
      // 40,000 numbers. Bounds are 5 standard errors of mean and variance, for three levels, twice.
      // False alarm rate: 3e-6.
      expect(Math.abs(mean - 1.5 * six.signal[level]!)).toBeLessThan((5 * six.noise[level]!) / Math.sqrt(2 * batch));
      expect(Math.abs(variance / six.noise[level]! ** 2 - 1)).toBeLessThan(5 / Math.sqrt(batch));
    }
  });

  it.each([false, true])(
    "a pair has the marginals of its levels; the noise between them is fresh or shared (%s)",
    (sharedNoise) => {
      const x = tf.zeros([batch]);
      const transitions = tf.concat([
        tf.fill([batch / 2], 1, "int32"),
        tf.fill([batch / 2], 4, "int32"),
      ]) as tf.Tensor1D;
      const { near, far } = pair(six, x, transitions, random.key(2), { sharedNoise });
      [1, 4].forEach((t, i) => {
        const [a, b] = [near, far].map((y) => tf.slice(y, [(i * batch) / 2], [batch / 2]));
        // 10,000 numbers. Bounds are 5 standard errors of variances. False alarm rate: 1e-6.
        const bound = 5 * Math.sqrt(2 / (batch / 2));
        expect(Math.abs(moments(a!).variance / six.noise[t]! ** 2 - 1)).toBeLessThan(bound);
        expect(Math.abs(moments(b!).variance / six.noise[t + 1]! ** 2 - 1)).toBeLessThan(bound);
        const added = tf.sub(b!, tf.mul(six.stepSignal[t + 1]!, a!));
        const shared = six.noise[t + 1]! - six.stepSignal[t + 1]! * six.noise[t]!;
        const expected = sharedNoise ? shared ** 2 : six.stepNoise[t + 1]! ** 2;
        expect(Math.abs(moments(added).variance / expected - 1)).toBeLessThan(bound);
      });
    },
  );

  it("a tether pulls towards the observation with strength 1/σ², and not at a marginal top", async () => {
    const far = tf.tensor2d([
      [1, 2],
      [1, 2],
    ]);
    const transitions = tf.tensor1d([2, 5], "int32");
    const energy = (y: tf.Tensor) => tether(transitionsOf(six), far, transitions)(y);
    const y = tf.zeros([2, 2]);
    const values = (await compile(energy)(y)).dataSync();
    expect(values[0]! / (5 / (2 * six.stepNoise[3]! ** 2))).toBeCloseTo(1, 5);
    expect(values[1]).toBe(0);
    const slope = grad((z: tf.Tensor) => tf.sum(energy(z)))(y).dataSync();
    expect(slope[1]! / (-2 / six.stepNoise[3]! ** 2)).toBeCloseTo(1, 5);
    expect([slope[2]!, slope[3]!].map(Math.abs)).toEqual([0, 0]);
  });

  it("a tether of a tilted top pulls to the origin", async () => {
    const far = tf.tensor2d([[3, -4]]);
    const energy = (y: tf.Tensor) => tether(transitionsOf(six, "tilted"), far, tf.tensor1d([5], "int32"))(y);
    const value = (await compile(energy)(tf.tensor2d([[1, 2]]))).dataSync()[0]!;
    expect(value / (5 / (2 * six.stepNoise[6]! ** 2))).toBeCloseTo(1, 5);
  });
});

describe("levels", () => {
  beforeAll(() => useEngine("cpu"));

  it.each<[(x: tf.Tensor) => unknown, RegExp]>([
    [(x) => perturb(six, x, 7, random.key(0)), /level is 7/],
    [(x) => perturb(six, x, 0.5, random.key(0)), /level is 0.5/],
    [(x) => pair(six, x, 6, random.key(0)), /transition is 6/],
    [(x) => perturb(six, x, tf.zeros([3], "int32"), random.key(0)), /level has shape \[3\]/],
    [(x) => perturb(six, x, tf.zeros([4]), random.key(0)), /expected int32/],
  ])("are checked (%#)", (make, message) => {
    expect(() => make(tf.zeros([4, 2]))).toThrow(message);
  });
});
