/**
 * The exact law of the discretised chain, in closed form.
 *
 * For a Gaussian target with mean m and precision P a step is linear with F = I - s²P/2. So mean_K
 * = m + F^K (mean_0 - m). With C = P⁻¹(I - s²P/4)⁻¹ the covariance is C + F^K (C_0 - C) F^K.
 * 200,000 chains (20,000 on the slow plain engine) must agree within 5 standard errors. With about
 * 60 comparisons in this file and fixed keys a false alarm has probability below 4e-5.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, useEngine } from "@ergodic/engine";
import { random, ValidationError } from "@ergodic/tensor";
import { langevin, runChain, runSteps } from "@ergodic/samplers";
import { enginesOfLongRuns, enginesOnThisMachine, expectGaussian, valuesOf } from "./support.js";

const chainsOn = { onnx: 200_000, cpu: 20_000 };

/** E(x) = ½ P (x - centre)², `[chains, 1]` to `[chains]`. */
const parabola =
  (precision: number, centre = 0) =>
  (x: tf.Tensor): tf.Tensor =>
    tf.mul(precision / 2, tf.sum(tf.square(tf.sub(x, centre)), [1]));

describe.each(enginesOnThisMachine)("langevin on %s", (engine) => {
  const chains = chainsOn[engine];
  const startAt = (mean: number, name: string): tf.Tensor => random.normal(random.key(name), [chains, 1], { mean });
  beforeAll(async () => {
    await useEngine(engine);
  });

  // Precision, step, steps; F, stationary variance, variance after K steps from unit variance, F^K.
  it.each([
    [1, 0.4, 60, 0.92, 1.0416666667, 1.0416647859, 6.7185e-3],
    [2, 0.4, 60, 0.84, 0.5434782609, 0.5434782612, 2.8626e-5],
    [1, 0.1, 20, 0.995, 1.0025062657, 1.000455338, 0.9046104803],
    [12.1, 0.1, 20, 0.9395, 0.0852226121, 0.1605905787, 0.2870355502],
  ])(
    "precision %f, step %f, %i steps: the chain has the law of its discretisation",
    async (precision, stepSize, steps, factor, stationary, variance, remaining) => {
      // The values of the table, computed from the formulas.
      const power = factor ** steps;
      expect(1 - (stepSize * stepSize * precision) / 2).toBeCloseTo(factor, 12);
      expect(1 / precision / (1 - (stepSize * stepSize * precision) / 4)).toBeCloseTo(stationary, 9);
      expect(stationary + power * power * (1 - stationary)).toBeCloseTo(variance, 9);
      expect(Math.abs(power / remaining - 1)).toBeLessThan(2e-5);

      const [centre, start] = [0.5, 2.5];
      const kernel = langevin({ energy: parabola(precision, centre), stepSize });
      const { position } = await runChain(kernel, {
        initial: startAt(start, "start"),
        steps,
        key: random.key("table"),
      });
      expectGaussian(position, { mean: [centre + remaining * (start - centre)], covariance: [[variance]] });
    },
  );

  it("without noise each chain contracts by F per step: mean F^K m_0, covariance F^2K", async () => {
    const initial = startAt(1, "quiet");
    const kernel = langevin({ energy: parabola(2), stepSize: 0.4, withNoise: false });
    const { position } = await runChain(kernel, { initial, steps: 10, key: random.key(0) });
    const power = 0.84 ** 10;
    expectGaussian(position, { mean: [power], covariance: [[power * power]] });
    // More sensitive than sampling error: every chain, up to float32 rounding.
    const worst = valuesOf(tf.max(tf.abs(tf.sub(position, tf.mul(power, initial)))))[0]!;
    expect(worst).toBeLessThan(2e-6);
  });

  it.each([0.25, 4])("temperature %f multiplies the stationary variance", async (temperature) => {
    const kernel = langevin({ energy: parabola(1), stepSize: 0.8, temperature });
    const { position } = await runChain(kernel, {
      initial: startAt(0, "warm"),
      steps: 60,
      key: random.key("temperature"),
    });
    // F = 0.68, and 0.68^120 times the initial variance is 1e-20.
    expectGaussian(position, { mean: [0], covariance: [[temperature / (1 - 0.16)]] });
  });

  it("a noise scale of its own is the temperature (noise / stepSize)²", async () => {
    const kernel = langevin({ energy: parabola(1), stepSize: 0.8, noise: 0.4 });
    const { position } = await runChain(kernel, { initial: startAt(0, "apart"), steps: 60, key: random.key("noise") });
    expectGaussian(position, { mean: [0], covariance: [[0.25 / (1 - 0.16)]] });
  });

  it("feels each chain's own gradient, whatever the number of chains", async () => {
    const kernel = langevin({ energy: parabola(1), stepSize: 0.4, withNoise: false });
    const end = async (n: number) =>
      valuesOf((await runChain(kernel, { initial: tf.fill([n, 1], 3), steps: 5, key: random.key(0) })).position)[0]!;
    // A mean over chains would divide the drift by 1000 and leave the second value near 3.
    expect(await end(1)).toBeCloseTo(3 * 0.92 ** 5, 5);
    expect(await end(1000)).toBeCloseTo(3 * 0.92 ** 5, 5);
  });

  it("reports energy and gradient norm of where the step started", async () => {
    const kernel = langevin({ energy: parabola(3), stepSize: 0.1 });
    const { info } = await runChain(kernel, { initial: tf.tensor2d([[2], [-1]]), steps: 1, key: random.key(0) });
    expect(valuesOf(info.energy)).toEqual([6, 1.5]);
    expect(valuesOf(info.gradientNorm)).toEqual([6, 3]);
  });

  it("moves trees of tensors, each leaf under its own gradient and noise", async () => {
    type Pair = { a: tf.Tensor; b: tf.Tensor };
    const energy = ({ a, b }: Pair): tf.Tensor => tf.add(parabola(1)(a), tf.sum(tf.square(b), [1, 2]));
    const initial: Pair = { a: tf.zeros([chains, 1]), b: tf.zeros([chains, 1, 2]) };
    const kernel = langevin<Pair>({ energy, stepSize: 0.8 });
    const { position, info } = await runChain(kernel, { initial, steps: 40, key: random.key("tree") });
    expect(position.b.shape).toEqual([chains, 1, 2]);
    expect(info.gradientNorm.shape).toEqual([chains]);
    const joined = tf.concat([position.a, tf.reshape(position.b, [-1, 2])], 1);
    const [one, two] = [1 / (1 - 0.16), 0.5 / (1 - 0.32)];
    expectGaussian(joined, {
      mean: [0, 0, 0],
      covariance: [
        [one, 0, 0],
        [0, two, 0],
        [0, 0, two],
      ],
    });
  });
});

/**
 * Linear generator g(z) = W z + b with a quadratic tilt f(z) = -½ zᵀAz + cᵀz of N(0, I), and one
 * observation x.
 */
const weight = [
  [1, 0.5],
  [0, 1],
  [-1, 0.25],
];
const tilt = [
  [1.5, 0.2],
  [0.2, 1.3],
];
const priorEnergy = (z: tf.Tensor): tf.Tensor => {
  const quadratic = tf.mul(0.5, tf.sum(tf.mul(tf.matMul(z, tf.tensor2d(tilt)), z), [1]));
  return tf.sub(quadratic, tf.sum(tf.mul(z, tf.tensor1d([0.4, -0.6])), [1]));
};
const posteriorEnergy =
  (observed: tf.Tensor) =>
  (z: tf.Tensor): tf.Tensor => {
    const image = tf.add(tf.matMul(z, tf.tensor2d(weight), false, true), tf.tensor1d([0.1, -0.2, 0]));
    const errors = tf.sum(tf.square(tf.sub(observed, image)), [1]);
    return tf.add(priorEnergy(z), tf.mul(1 / (2 * 0.25), errors));
  };
const observation = [0.7, -0.3, 0.2];

describe.each(enginesOfLongRuns)("short chains of a linear latent model on %s", (engine) => {
  const chains = chainsOn[engine];
  beforeAll(async () => {
    await useEngine(engine);
  });

  it("20 posterior steps of 0.1 inside a compiled function", async () => {
    const infer = compile((x: tf.Tensor, key: ReturnType<typeof random.key>) => {
      const kernel = langevin({ energy: posteriorEnergy(x), stepSize: 0.1 });
      return runSteps(kernel, random.normal(random.fold(key, 0), [chains, 2]), { steps: 20, key: random.fold(key, 1) });
    });
    const { position } = await infer(tf.tensor1d(observation), random.key("posterior"));
    expectGaussian(position, {
      mean: [0.1297981527, 0.0226261503],
      covariance: [
        [0.2411933179, -0.0586820925],
        [-0.0586820925, 0.3854534619],
      ],
    });
    // A posterior sampler that ignores its observation is a known failure. The same key with
    // another x must give another result.
    const other = await infer(tf.tensor1d([0.7, -0.3, 0.9]), random.key("posterior"));
    expect(valuesOf(tf.min(tf.sum(tf.abs(tf.sub(other.position, position)), [1])))[0]).toBeGreaterThan(0.01);
  });

  it("60 prior steps of 0.4", async () => {
    const initial = random.normal(random.key("prior start"), [chains, 2]);
    const kernel = langevin({ energy: priorEnergy, stepSize: 0.4 });
    const { position } = await runChain(kernel, { initial, steps: 60, key: random.key("prior") });
    expectGaussian(position, {
      mean: [0.3342195174, -0.5117059749],
      covariance: [
        [0.7231847447, -0.1043532499],
        [-0.1043532499, 0.8275379946],
      ],
    });
  });
});

describe("options", () => {
  beforeAll(async () => {
    await useEngine("cpu");
  });

  it.each([
    [{ stepSize: 0 }, /stepSize is 0, expected a finite number > 0/],
    [{ stepSize: 0.1, noise: -1 }, /noise is -1/],
    [{ stepSize: 0.1, temperature: NaN }, /temperature is NaN/],
    [{ stepSize: 0.1, energy: 3 as unknown as () => tf.Tensor }, /energy is 3, expected a function/],
  ])("are checked (%#)", (options, message) => {
    const make = () => langevin({ energy: parabola(1), ...options });
    expect(make).toThrow(ValidationError);
    expect(make).toThrow(message);
  });

  it("an energy of the wrong shape is named, with the remedy", async () => {
    const run = (energy: (x: tf.Tensor) => tf.Tensor, initial: tf.Tensor = tf.zeros([64, 1])) =>
      runChain(langevin({ energy, stepSize: 0.1 }), { initial, steps: 1, key: random.key(0) });
    await expect(run((x) => tf.square(x))).rejects.toThrow(
      /langevin\(\{ energy \}\): energy has shape \[64,1\], expected \[64\]; one number per example; squeeze the last axis: tf\.squeeze\(y, \[1\]\)/,
    );
    await expect(run((x) => tf.sum(x))).rejects.toThrow(
      /has shape \[\], expected \[64\].*reduce over every axis but the first/,
    );
    await expect(run(parabola(1), tf.scalar(1))).rejects.toThrow(/number of chains/);
  });
});
