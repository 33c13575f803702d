/**
 * Bits per dimension by annealing, for known log Z.
 *
 * Estimates lie within 4 of their own standard errors: a false-alarm rate of 6e-5 each. Keys are
 * fixed.
 */
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "@ergodic/engine";
import { hmc, type Energy } from "@ergodic/samplers";
import { annealedImportance, linearSchedule, type Endpoint } from "@ergodic/samplers/annealing";
import { normalisedWeights } from "@ergodic/samplers/diagnostics";
import { random, tree, type Key } from "@ergodic/tensor";
import { beforeAll, describe, expect, it } from "vitest";
import { annealedBitsPerDimension, meanBitsPerDimension, boundedBitsPerDimension } from "../src/entries/likelihood.js";

beforeAll(async () => {
  await useEngine("onnx");
});

const standard = (...shape: number[]): Endpoint => ({
  energy: (x) => tf.sum(tf.mul(0.5, tf.square(tf.reshape(x, [x.shape[0]!, -1]))), 1),
  sample: (key: Key, n: number) => random.normal(key, [n, ...shape]),
  logPartition: (shape.reduce((product, side) => product * side, 1) / 2) * Math.log(2 * Math.PI),
});
/** E = |x|²/8: N(0, 4 I), whose log Z in 10 dimensions is 5 log 8π. */
const wide = (...shape: number[]): Endpoint => ({
  energy: (x) => tf.sum(tf.div(tf.square(tf.reshape(x, [x.shape[0]!, -1])), 8), 1),
  sample: (key: Key, n: number) => random.normal(key, [n, ...shape], { sd: 2 }),
});
const kernel = (energy: Energy) => hmc({ energy, stepSize: 0.5, steps: 4 });
const logZ = 16.120857137646;

describe("annealed bits per dimension", () => {
  it("are those of the exact log Z, from both sides", async () => {
    expect(5 * Math.log(8 * Math.PI)).toBeCloseTo(logZ, 11);
    const examples = random.normal(random.key(8), [600, 5, 2], { sd: 2 });
    const before = tf.memory().numTensors;
    const { lower, upper, standardErrors, logPartition, ...sizes } = await annealedBitsPerDimension({
      ...{ from: standard(5, 2), to: wide(5, 2), kernel, betas: linearSchedule(60), chains: 300, key: random.key(1) },
      ...{ examples, range: [-1, 1] },
    });
    expect(tf.memory().numTensors).toBe(before);
    expect(sizes).toEqual({ examples: 600, dimensions: 10 });
    const values = await examples.data<"float32">();
    const densities = Float64Array.from({ length: 600 }, (_, i) => {
      const own = values.subarray(10 * i, 10 * i + 10);
      return -own.reduce((sum, x) => sum + x ** 2, 0) / 8 - logZ;
    });
    const exact = meanBitsPerDimension(densities, 10, [-1, 1]);
    const nats = 10 * Math.LN2;
    // On these examples only log Z is uncertain.
    expect(Math.abs(lower - exact) * nats).toBeLessThan(4 * logPartition.standardErrors.lower);
    expect(Math.abs(upper - exact) * nats).toBeLessThan(4 * logPartition.standardErrors.upper);
    expect((upper - lower) * nats).toBeCloseTo(logPartition.gap, 10);
    expect(Math.abs(logPartition.gap)).toBeLessThan(0.2);
    expect(logPartition.approximate).toBe(false);
    // The entropy of N(0, 4) in bits, on [-1, 1]: the limit of infinitely many examples.
    const entropy = 0.5 * Math.log2(8 * Math.PI * Math.E) + 7;
    expect(Math.abs(lower - entropy)).toBeLessThan(4 * standardErrors.lower);
    examples.dispose();
  });

  it("claim the error they have: the spread of examples and of log Z", () => {
    const partition = { lower: 2, upper: 3, standardErrors: { lower: 0.3, upper: 0 } };
    const { lower, upper, standardErrors } = boundedBitsPerDimension(Float64Array.of(1, 3), partition, 2, [0, 1]);
    const unit = 2 * Math.LN2;
    expect(lower).toBeCloseTo(4 / unit + 8, 12);
    expect(upper).toBeCloseTo(5 / unit + 8, 12);
    expect(standardErrors.upper).toBeCloseTo(1 / unit, 12); // sd √2 of two examples
    expect(standardErrors.lower).toBeCloseTo(Math.hypot(1, 0.3) / unit, 12);
    expect(() => boundedBitsPerDimension(Float64Array.of(1), partition, 2, [0, 1])).toThrow(/1 energies.*at least 2/);
    expect(() => boundedBitsPerDimension(Float64Array.of(1, NaN), partition, 2, [0, 1])).toThrow(/NaN at index 1/);
  });

  // Z of E = 2 (x² - 1)² and its moments: by quadrature, scipy.integrate.quad.
  it("rest on a log Z that is right for two wells, and on draws of the right law", async () => {
    const to = { energy: (x: tf.Tensor) => tf.sum(tf.mul(2, tf.square(tf.sub(tf.square(x), 1))), 1) as tf.Tensor1D };
    const chains = 4000;
    const options = { from: standard(1), to, kernel, betas: linearSchedule(40), chains, key: random.key(5) };
    const estimate = await annealedImportance({ ...options, stepSize: () => 0.25 });
    expect(Math.abs(estimate.logPartition - 0.34423821973)).toBeLessThan(4 * estimate.standardError);
    expect(estimate.standardError).toBeLessThan(0.02);
    const x = await estimate.position.data();
    const weights = normalisedWeights(estimate.logWeights);
    // Errors of weighted means come from their spread and the effective number of draws.
    const weighted = (of: (x: number) => number, exact: number): void => {
      const mean = weights.reduce((sum, weight, i) => sum + weight * of(x[i]!), 0);
      const error = Math.sqrt(weights.reduce((sum, weight, i) => sum + (weight * (of(x[i]!) - mean)) ** 2, 0));
      expect(Math.abs(mean - exact)).toBeLessThan(4 * error);
      expect(error).toBeLessThan(0.02);
    };
    weighted((at) => at ** 2, 0.852136152178);
    weighted((at) => 2 * (at ** 2 - 1) ** 2, 0.545727695643);
    tree.dispose(estimate.position);
  });
});
