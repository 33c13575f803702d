/**
 * Kernels with estimated gradients compared with exact laws of their discretisation on Gaussians,
 * with and without gradient noise.
 *
 * Each chain draws its own batches, so chains are independent. Variances of 100,000 chains are
 * within 5 standard errors. With about 20 comparisons and fixed keys a false alarm has probability
 * 1e-5.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { useEngine, valueAndGrad } from "@ergodic/engine";
import { random } from "@ergodic/tensor";
import { runChain, sample } from "@ergodic/samplers";
import {
  controlVariateEnergy,
  cosineCycles,
  cyclicalSgld,
  minibatchEnergy,
  polynomialDecay,
  preconditionedSgld,
  sghmc,
  sgld,
  type StochasticEnergy,
} from "@ergodic/samplers/stochastic-gradients";
import { expectGaussian, momentsOf, valuesOf } from "./support.js";

const chains = 100_000;
const key = random.key("stochastic");
const halfSquare = (x: tf.Tensor): tf.Tensor => tf.mul(0.5, tf.sum(tf.square(x), [1]));
const start = (d = 1): tf.Tensor => random.normal(random.key("start"), [chains, d]);

/**
 * Examples with mean 0 and variance 4. With batches of two, ∇E = x becomes an estimate of variance
 * 2.
 */
const examples = [-3, -1, -2, 0, 2, 1, 3, 0].map((y) => y * Math.sqrt(8 / 7));
const gradientVariance = 2;
const noisy: StochasticEnergy = (x, k) => {
  const batch = tf.gather(tf.tensor1d(examples), random.integers(k, [x.shape[0]!, 2], { high: examples.length }));
  return tf.div(tf.sum(tf.square(tf.sub(x, batch)), [1]), 4);
};

beforeAll(async () => {
  await useEngine("onnx");
});

describe("sgld", () => {
  it.each([
    ["an exact gradient", halfSquare, 0.5, 1 / (1 - 0.5 / 4)],
    ["a noisy gradient", noisy, 0.5, (1 + (0.5 * gradientVariance) / 4) / (1 - 0.5 / 4)],
  ] as const)("with %s has the variance of its constant rate", async (_, energy, learningRate, variance) => {
    const { position } = await runChain(sgld({ energy, learningRate }), { initial: start(), steps: 60, key });
    expectGaussian(position, { mean: [0], covariance: [[variance]] });
  });

  it("follows a decaying rate: v' = (1 - η/2)² v + ηT + η² Var ĝ/4", async () => {
    const [scale, offset, power, temperature] = [1.5, 2, 0.7, 0.5];
    const learningRate = polynomialDecay({ scale, offset, power });
    const { position, info } = await runChain(sgld({ energy: noisy, learningRate, temperature }), {
      initial: start(),
      steps: 20,
      key,
    });
    let variance = 1;
    for (let t = 0; t < 20; t++) {
      const rate = scale * (offset + t) ** -power;
      variance = (1 - rate / 2) ** 2 * variance + rate * temperature + (rate ** 2 * gradientVariance) / 4;
    }
    expectGaussian(position, { mean: [0], covariance: [[variance]] });
    expect(valuesOf(info.learningRate)[0]).toBeCloseTo(scale * (offset + 19) ** -power, 6);
  });
});

describe("preconditionedSgld", () => {
  it("is sgld in coordinates where the gradient has size 1", async () => {
    // E = Σ c|x| has gradients ±c. With λ = 0 the preconditioner is therefore 1/(δ + c) everywhere.
    const [slopes, damping] = [[0.5, 3], 0.1];
    const roots = tf.tensor1d(slopes.map((c) => Math.sqrt(1 / (damping + c))));
    const energy = (x: tf.Tensor) => tf.sum(tf.mul(tf.tensor1d(slopes), tf.abs(x)), [1]);
    const initial = random.normal(random.key(3), [7, 2]);
    const preconditioned = await runChain(preconditionedSgld({ energy, learningRate: 0.1, decay: 0, damping }), {
      initial: tf.mul(roots, initial),
      steps: 15,
      key,
    });
    const plain = await runChain(sgld({ energy: (y) => energy(tf.mul(roots, y)), learningRate: 0.1 }), {
      initial,
      steps: 15,
      key,
    });
    const difference = tf.sub(preconditioned.position, tf.mul(roots, plain.position));
    expect(valuesOf(tf.max(tf.abs(difference)))[0]).toBeLessThan(1e-5);
  });

  it("settles where its mean square is that of the gradient", async () => {
    // V = E ĝ² = P² σ² and G = 1/√V in σ² = 1/(P (1 - ηGP/4)) give σ = η/8 + √(η²/64 + 1/P).
    //
    // V is the average over 200 steps, in which these chains forget their position. The bound
    // allows for the bias from its remaining dependence on the chain.
    const [precisions, learningRate] = [[1, 9], 0.3];
    const energy = (x: tf.Tensor) => tf.mul(0.5, tf.sum(tf.mul(tf.tensor1d(precisions), tf.square(x)), [1]));
    const kernel = preconditionedSgld({ energy, learningRate, decay: 0.995 });
    const initial = random.normal(random.key(4), [20_000, 2]);
    const { position } = await runChain(kernel, { initial, steps: 1200, key });
    const { covariance } = momentsOf(position);
    precisions.forEach((p, i) => {
      const exact = (learningRate / 8 + Math.sqrt(learningRate ** 2 / 64 + 1 / p)) ** 2;
      expect(Math.abs(covariance[i]![i]! / exact - 1)).toBeLessThan(0.06);
    });
  });
});

describe("preconditionedSgld that scales by the last gradient alone", () => {
  // G = 1/(δ + |x|) on E = x²/2. Without Γ the law is exp(-E)/G, of variance (δ√(2π) + 4)/(δ√(2π) +
  // 2). With Γ it is exp(-E).
  const damping = 0.5;
  const weight = damping * Math.sqrt(2 * Math.PI);
  it.each([
    ["has the law exp(-E)/G", false, 1, (weight + 4) / (weight + 2)],
    ["has the law exp(-E) with the correction", true, 1, 1],
    ["and exp(-E/T) at a temperature", true, 0.5, 0.5],
  ] as const)("%s", async (_, correction, temperature, exact) => {
    const kernel = preconditionedSgld({
      energy: halfSquare,
      learningRate: 0.01,
      decay: 0,
      damping,
      correction,
      temperature,
    });
    const initial = random.normal(random.key("scaled"), [10_000, 1]);
    const { position } = await runChain(kernel, { initial, steps: 800, key });
    // A standard error is 1.4 %. The step size causes about 1 %.
    expect(Math.abs(momentsOf(position).covariance[0]![0]! / exact - 1)).toBeLessThan(0.06);
  });

  it("its correction is Γ = ∂G/∂x, the same in every step", async () => {
    // Noise and drift have the same key, so the two kernels differ by ηTΓ/2, Γ = -(1 - λ) G² ĝ
    // h/√V.
    const [decay, learningRate, temperature] = [0.7, 0.2, 0.5];
    const precisions = tf.tensor1d([1, 4, 0.5]);
    const energy = (x: tf.Tensor) => tf.mul(0.5, tf.sum(tf.mul(precisions, tf.square(x)), [1]));
    const options = { energy, learningRate, decay, damping, temperature };
    const initial = tf.tensor2d([[0.3, -1.2, 2]]);
    const stepped = async (correction: boolean) =>
      valuesOf((await runChain(preconditionedSgld({ ...options, correction }), { initial, steps: 1, key })).position);
    const [plain, corrected] = [await stepped(false), await stepped(true)];
    const gammaOf = (x: number, p: number): number => {
      const root = Math.sqrt(decay + (1 - decay) * (p * x) ** 2);
      return (-(1 - decay) * p * x * p) / root / (damping + root) ** 2;
    };
    valuesOf(initial).forEach((x, i) => {
      const expected = (learningRate / 2) * temperature * gammaOf(x, valuesOf(precisions)[i]!);
      expect(corrected[i]! - plain[i]!).toBeCloseTo(expected, 5);
    });
  });
});

describe("controlVariateEnergy", () => {
  it("takes the noise of a gradient away where examples differ by constants: the law is that of the exact one", async () => {
    const energy = controlVariateEnergy({
      energy: noisy,
      centre: tf.tensor2d([[0.7]]),
      gradient: tf.tensor2d([[0.7]]),
    });
    const { position } = await runChain(sgld({ energy, learningRate: 0.5 }), { initial: start(), steps: 60, key });
    expectGaussian(position, { mean: [0], covariance: [[1 / (1 - 0.5 / 4)]] });
  });

  it("is as unbiased as the estimate, in energy and gradient, with less noise near the centre", () => {
    // A logistic regression of 40 examples with batches of 4.
    const covariates = random.normal<tf.Rank.R2>(random.key("covariates"), [40, 2]);
    const prior = (x: tf.Tensor) => tf.mul(0.5, tf.sum(tf.square(x), [1]));
    const perExample = (x: tf.Tensor, { a }: { a: tf.Tensor }) =>
      tf.softplus(tf.matMul(x as tf.Tensor2D, a as tf.Tensor2D, false, true));
    const estimate = minibatchEnergy({ data: { a: covariates }, batchSize: 4, perExample, prior });
    const exact = (x: tf.Tensor) => tf.add(prior(x), tf.sum(perExample(x, { a: covariates }), [1]));
    const both = (energy: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor) => {
      const { value, grad } = valueAndGrad((at: tf.Tensor) => tf.sum(energy(at)))(x);
      return [...valuesOf(value), ...valuesOf(grad)];
    };
    const centre = tf.tensor2d([[0.4, -0.3]]);
    const { grad } = valueAndGrad((at: tf.Tensor) => tf.sum(exact(at)))(centre);
    const reduced = controlVariateEnergy({ energy: estimate, centre, gradient: grad });
    const x = tf.tensor2d([[0.5, -0.25]]);
    const truth = both(exact, x);
    const [plain, better] = [estimate, reduced].map((energy) => {
      const rows = Array.from({ length: 400 }, (_, i) => both((at) => energy(at, random.fold(key, i)), x));
      return truth.map((_, k) => {
        const values = rows.map((row) => row[k]!);
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
        return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1) };
      });
    }) as [{ mean: number; variance: number }[], { mean: number; variance: number }[]];
    truth.forEach((value, k) => {
      for (const { mean, variance } of [plain[k]!, better[k]!])
        expect(Math.abs(mean - value)).toBeLessThan(5 * Math.sqrt(variance / 400));
      if (k > 0) expect(better[k]!.variance).toBeLessThan(plain[k]!.variance / 50);
    });
  });

  it("names what is wrong", () => {
    const one = tf.zeros([1, 2]);
    expect(() => controlVariateEnergy({ energy: noisy, centre: tf.zeros([2, 2]), gradient: one })).toThrow(
      /centre has shape \[2,2\], expected \[1,2\]; a position of one chain/,
    );
    expect(() => controlVariateEnergy({ energy: noisy, centre: one, gradient: tf.zeros([1, 3]) })).toThrow(
      /gradient has shape \[1,3\], expected \[1,2\]/,
    );
  });
});

describe("sghmc", () => {
  /**
   * Var x after some steps from Var x = 1 and v = 0: the covariance of the linear map (x, v) → (x +
   * v', v').
   */
  function variance(steps: number, options: { rate: number; friction: number; added: number }): number {
    const { rate, friction, added } = options;
    const map = [
      [1 - rate, 1 - friction],
      [-rate, 1 - friction],
    ];
    let c = [
      [1, 0],
      [0, 0],
    ];
    for (let t = 0; t < steps; t++) {
      c = map.map((row) =>
        map.map((other) => added + row.reduce((s, a, i) => s + a * other.reduce((r, b, j) => r + c[i]![j]! * b, 0), 0)),
      );
    }
    return c[0]![0]!;
  }

  it.each([
    ["an exact gradient", halfSquare, 0, 0],
    ["a noisy gradient", noisy, gradientVariance, 0],
    ["a noisy gradient, allowed for", noisy, gradientVariance, (0.05 * gradientVariance) / 2],
  ] as const)("with %s has the law of its linear map", async (_, energy, noise, gradientNoise) => {
    const [rate, friction] = [0.05, 0.2];
    const kernel = sghmc({ energy, learningRate: rate, friction, gradientNoise });
    const added = 2 * (friction - gradientNoise) * rate + rate ** 2 * noise;
    for (const steps of [5, 80]) {
      const { position } = await runChain(kernel, { initial: start(), steps, key });
      expectGaussian(position, { mean: [0], covariance: [[variance(steps, { rate, friction, added })]] });
    }
  });
});

describe("cyclicalSgld", () => {
  it("descends, then samples, cycle after cycle", async () => {
    const kernel = cyclicalSgld({ energy: halfSquare, learningRate: 0.4, cycleLength: 5, exploration: 0.6 });
    const { positions, info } = await sample(kernel, { initial: tf.ones([2000, 1]), draws: 10, key });
    const flags = [0, 0, 0, 1, 1];
    expect(valuesOf(info.sampling)).toEqual([...flags, ...flags]);
    const rates = [0, 1, 2, 3, 4].map((t) => 0.2 * (Math.cos((Math.PI * t) / 5) + 1));
    valuesOf(info.learningRate).forEach((rate, t) => expect(rate).toBeCloseTo(rates[t % 5]!, 6));
    // Without noise all chains stay equal; with noise they separate.
    let [mean, variance] = [1, 0];
    for (let t = 0; t < 10; t++) {
      const rate = rates[t % 5]!;
      [mean, variance] = [(1 - rate / 2) * mean, (1 - rate / 2) ** 2 * variance + rate * flags[t % 5]!];
      const here = tf.slice(positions, [0, t, 0], [-1, 1, 1]);
      if (t < 3) expect(valuesOf(tf.max(tf.abs(tf.sub(here, mean))))[0]).toBeLessThan(1e-6);
      else expectGaussian(tf.reshape(here, [2000, 1]), { mean: [mean], covariance: [[variance]] });
    }
  });

  it("its rate is the schedule of cosine cycles", () => {
    const schedule = cosineCycles({ initial: 2, length: 4 });
    [2, 1 + Math.SQRT1_2, 1, 1 - Math.SQRT1_2, 2].forEach((rate, t) =>
      expect(valuesOf(schedule(tf.scalar(t)))[0]).toBeCloseTo(rate, 5),
    );
  });
});

describe("minibatchEnergy", () => {
  const values = [1, -2, 0.5, 4, 3];
  const positions = [0.3, -1];
  const x = () => tf.tensor2d(positions, [2, 1]);
  const options = () => ({
    data: { y: tf.tensor1d(values) },
    batchSize: 2,
    perExample: (position: tf.Tensor, { y }: { y: tf.Tensor }) => tf.square(tf.sub(position, y)),
    prior: halfSquare,
  });

  it("is N/B times the energy of the batch its key draws, plus the prior", () => {
    const drawn = valuesOf(random.integers(key, [2], { high: 5 }));
    valuesOf(minibatchEnergy(options())(x(), key)).forEach((value, c) => {
      const at = positions[c]!;
      const batch = drawn.reduce((sum, i) => sum + (at - values[i]!) ** 2, 0);
      expect(value).toBeCloseTo((5 / 2) * batch + at ** 2 / 2, 4);
    });
  });

  it("is unbiased over keys", () => {
    const energy = minibatchEnergy(options());
    const estimates = Array.from({ length: 2000 }, (_, i) => valuesOf(energy(x(), random.fold(key, i)))[0]!);
    const exact = values.reduce((sum, y) => sum + (0.3 - y) ** 2, 0) + 0.045;
    const mean = estimates.reduce((a, b) => a + b) / 2000;
    const sd = Math.sqrt(estimates.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 2000);
    expect(Math.abs(mean - exact)).toBeLessThan((5 * sd) / Math.sqrt(2000));
  });

  it("names what is wrong", () => {
    const bad = minibatchEnergy({ ...options(), perExample: (position: tf.Tensor) => position });
    expect(() => bad(x(), key)).toThrow(
      /perExample \}\) has shape \[2,1\], expected \[2,2\]; one number per chain and example/,
    );
    expect(() => minibatchEnergy({ ...options(), batchSize: 0 })).toThrow(/batchSize is 0/);
  });
});

it("names options that are wrong", () => {
  const energy: StochasticEnergy = halfSquare;
  expect(() => sgld({ energy, learningRate: 0 })).toThrow(/learningRate is 0/);
  expect(() => sgld({ energy, learningRate: 1, temperature: -1 })).toThrow(/temperature is -1/);
  expect(() => preconditionedSgld({ energy, learningRate: 1, decay: 1 })).toThrow(/decay is 1/);
  expect(() => sghmc({ energy, learningRate: 1, friction: 0 })).toThrow(/friction is 0/);
  expect(() => sghmc({ energy, learningRate: 1, friction: 0.1, gradientNoise: 0.2 })).toThrow(/gradientNoise is 0.2/);
  expect(() => cyclicalSgld({ energy, learningRate: 1, cycleLength: 4 })).toThrow(/exploration is 0.8 in cycles of 4/);
  expect(() => polynomialDecay({ scale: 1, power: 0.5 })).toThrow(/power is 0.5/);
});
