/** Each loss against its closed form on normal distributions. */
import { grad, useEngine, valueAndGrad } from "@ergodic/engine";
import { actnorm, flow } from "@ergodic/flows";
import type { Energy } from "@ergodic/samplers";
import { random, tree, type Key } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import {
  contrast,
  denoisingScoreLoss,
  energyDiscrepancyLoss,
  exactScoreLoss,
  flowNoise,
  gaussianNoise,
  noiseContrastiveLoss,
  slicedScoreLoss,
} from "../src/index.js";
import { drawTruth, momentsOf, normalModel, normalParams, truth, type NormalParams } from "./normal-model.js";

beforeAll(() => useEngine("cpu"));

type LossOf = (energy: Energy, x: tf.Tensor, key: Key) => tf.Tensor;

const energyOf =
  (params: NormalParams): Energy =>
  (x: tf.Tensor) =>
    normalModel.energy(params, x);
const number = (value: tf.Tensor): number => value.dataSync()[0]!;

/** The gradient of a loss in all parameters, as numbers. */
function slope(loss: LossOf, params: NormalParams, x: tf.Tensor, key: Key): number[] {
  return tf.tidy(() => {
    const gradient = valueAndGrad((p: NormalParams) => loss(energyOf(p), x, key))(params).grad;
    return tree.leaves(gradient).flatMap((leaf) => [...leaf.dataSync()]);
  });
}

describe("score losses on a fixed data set", () => {
  const data = () => drawTruth(random.key("data"), 200);

  it("has no slope at the mean and variance of the data, exactly so for exact and sliced score matching", () => {
    // ½ p² ((m - μ)² + s²) - p has its minimum at μ = m, p = 1 / s²; v² = 1 makes a slice the
    // trace.
    const x = data();
    const { mean, variance } = momentsOf(x);
    const best = normalParams(mean, variance);
    for (const loss of [
      (energy: Energy, at: tf.Tensor) => exactScoreLoss(energy, at),
      (energy: Energy, at: tf.Tensor, key: Key) => slicedScoreLoss(energy, at, { projections: 2, key }),
    ])
      slope(loss, best, x, random.key(1)).forEach((value) => expect(value).toBeCloseTo(0, 5));
  });

  it("has the value Σ ½ p² E(x - μ)² - p", () => {
    const x = data();
    const { mean, variance } = momentsOf(x);
    const precision = [0.5, 2];
    const model = normalParams(
      [0, 1],
      precision.map((p) => 1 / p),
    );
    const expected = precision.reduce(
      (sum, p, d) => sum + 0.5 * p * p * (variance[d]! + (mean[d]! - [0, 1][d]!) ** 2) - p,
      0,
    );
    expect(number(exactScoreLoss(energyOf(model), x))).toBeCloseTo(expected, 4);
    expect(number(slicedScoreLoss(energyOf(model), x, { key: random.key(2) }))).toBeCloseTo(expected, 4);
  });

  it("is refused where the trace would take a gradient for each of many entries", () => {
    expect(() => exactScoreLoss(() => tf.zeros([1]), tf.zeros([1, 8, 8, 1]))).toThrow("slicedScoreMatching");
    expect(() => exactScoreLoss(() => tf.zeros([1]), tf.zeros([1, 65]))).toThrow("at most 64");
  });
});

describe("has no mean slope at its known minimum", () => {
  // 48 independent slopes; each mean is within 5 standard errors of 0: false alarm 6e-7 a
  // parameter, 5 parameters, 3 losses.
  const repetitions = 48;
  const minima: readonly (readonly [string, LossOf, readonly number[]])[] = [
    [
      "denoising score matching: the data blurred by σ",
      (energy, x, key) => denoisingScoreLoss(energy, x, { sigma: 0.6, key }),
      truth.variance.map((v) => v + 0.36),
    ],
    [
      "noise-contrastive estimation: the normalised density",
      (energy, x, key) =>
        noiseContrastiveLoss(energy, x, { noise: gaussianNoise({ shape: [2], mean: 0.2, sd: 1.5 }), ratio: 3, key }),
      truth.variance,
    ],
    [
      "the contrast with draws of the model",
      (energy, x, key) => contrast(energy(x), energy(drawTruth(random.fold(key, 1), 256))),
      truth.variance,
    ],
  ];

  it.each(minima)("%s", (_, loss, variance) => {
    const best = normalParams(truth.mean, variance);
    const slopes = Array.from({ length: repetitions }, (_, i) => {
      const [dataKey, lossKey] = random.split(random.fold(random.key("slopes"), i)) as unknown as [Key, Key];
      return slope(loss, best, drawTruth(dataKey, 256), lossKey);
    });
    slopes[0]!.forEach((_, j) => {
      const values = slopes.map((row) => row[j]!);
      const mean = values.reduce((sum, v) => sum + v, 0) / repetitions;
      const spread = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (repetitions - 1));
      expect(Math.abs(mean)).toBeLessThanOrEqual((5 * spread) / Math.sqrt(repetitions) + 1e-6);
    });
  });
});

it("takes a flow as noise: that of one scale and shift is a Gaussian", () => {
  const [mean, sd] = [0.2, 1.5];
  const params = { shift: tf.fill([2], -mean), logScale: tf.fill([2], -Math.log(sd)) };
  const energy = energyOf(normalParams(truth.mean, truth.variance));
  const [ofFlow, ofGaussian] = [
    flowNoise(flow(actnorm({ channels: 2 }), [2]), params),
    gaussianNoise({ shape: [2], mean, sd }),
  ].map((noise) =>
    number(noiseContrastiveLoss(energy, drawTruth(random.key(3), 64), { noise, ratio: 3, key: random.key(4) })),
  );
  expect(ofFlow).toBeCloseTo(ofGaussian!, 5);
});

describe("energy discrepancy", () => {
  const time = 0.5;

  it("has the value of the closed form", () => {
    // exp(-E) blurred by t is exp(-E_t): E_t = ½ log(1 + pt) + ½ p/(1 + pt) (x - μ)². The loss is
    // E[E(x)] - E[E_t(x + √t ξ)].
    const mean = [0.1, 0.3];
    const precision = [1.3, 0.8];
    const expected = precision.reduce((sum, p, d) => {
      const offset = (truth.mean[d]! - mean[d]!) ** 2;
      const blurred = p / (1 + p * time);
      const data = 0.5 * p * (truth.variance[d]! + offset);
      return sum + data - 0.5 * Math.log(1 + p * time) - 0.5 * blurred * (truth.variance[d]! + time + offset);
    }, 0);
    const model = normalParams(
      mean,
      precision.map((p) => 1 / p),
    );
    const values = Array.from({ length: 12 }, (_, i) => {
      const [dataKey, key] = random.split(random.fold(random.key("discrepancy"), i)) as unknown as [Key, Key];
      const options = { time, negatives: 256, stabilisation: 0, key };
      return number(energyDiscrepancyLoss(energyOf(model), drawTruth(dataKey, 256), options));
    });
    const average = values.reduce((sum, v) => sum + v, 0) / values.length;
    const spread = Math.sqrt(values.reduce((sum, v) => sum + (v - average) ** 2, 0) / (values.length - 1));
    // 5 standard errors (false alarm 6e-7) and the bias of a logarithm of a mean of 256, below
    // var/(2·256) < .004.
    expect(Math.abs(average - expected)).toBeLessThan((5 * spread) / Math.sqrt(values.length) + 0.004);
  });

  it("is bounded below by log(w/M), where perturbed data have far higher energies", () => {
    const steep: Energy = (x: tf.Tensor) => tf.mul(1e6, tf.sum(tf.square(x), 1)) as tf.Tensor1D;
    const x = tf.zeros([8, 2]);
    const loss = energyDiscrepancyLoss(steep, x, { time: 1, negatives: 4, stabilisation: 2, key: random.key(0) });
    expect(number(loss)).toBeCloseTo(Math.log(2 / 4), 5);
  });
});

describe("the contrast", () => {
  it("is the difference of mean energies plus λ times the mean squares", () => {
    const positive = tf.tensor1d([1, 3]);
    const negative = tf.tensor1d([2, -1, 5]);
    expect(number(contrast(positive, negative))).toBeCloseTo(0, 6);
    expect(number(contrast(positive, negative, { penalty: 0.1 }))).toBeCloseTo(0.1 * (5 + 10), 5);
    const toward = grad((e: tf.Tensor) => contrast(e, negative, { penalty: 0.1 }))(positive);
    [0.5 + 0.1, 0.5 + 0.3].forEach((value, i) => expect(toward.dataSync()[i]).toBeCloseTo(value, 5));
  });
});
