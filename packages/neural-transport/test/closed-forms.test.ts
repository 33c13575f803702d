/** Tilts of affine flows, where everything is Gaussian and known. */
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "@ergodic/engine";
import type { EnergyModel } from "@ergodic/energies";
import type { Generator } from "@ergodic/generators";
import { hmc, identityMass, sample, summarize, warmUp, type Energy } from "@ergodic/samplers";
import { random, type TensorTree } from "@ergodic/tensor";
import { beforeAll, describe, expect, it } from "vitest";
import {
  generatorBackbone,
  importancePartition,
  noisyGeneratorBackbone,
  partitionBounds,
  tilted,
} from "../src/index.js";
import { a, affineFlow, b } from "./support.js";

beforeAll(() => useEngine("onnx"));

/** E(x) = ½ (x - m)ᵀ Λ (x - m) + ℓᵀx. */
const quadratic = (
  lambda: readonly (readonly number[])[],
  m: readonly number[],
  linearPart: readonly number[] = [0, 0],
): EnergyModel<readonly never[]> => ({
  init: () => [],
  energy(_, x) {
    const centred = tf.sub(x, [...m]) as tf.Tensor2D;
    const bent = tf.matMul(centred, tf.tensor2d(lambda.map((row) => [...row])));
    return tf.add(tf.mul(0.5, tf.sum(tf.mul(bent, centred), 1)), tf.sum(tf.mul(x, [...linearPart]), 1));
  },
});

const gaussian = () => {
  const { backbone, params } = affineFlow(a, b);
  const energy = quadratic(
    [
      [1, 0.3],
      [0.3, 0.5],
    ],
    [0, 1],
  );
  return { model: tilted(backbone, energy), params: { backbone: params, energy: [] as readonly never[] } };
};

/** Draws of 16 chains in noise after warm-up, `[16, draws, dimension]`. */
async function latentDraws(energy: Energy, dimension: number, draws = 400) {
  const kernel = hmc({ energy, steps: [2, 3, 4, 5], mass: identityMass() });
  const start = random.normal(random.key(1), [16, dimension]);
  const tuned = await warmUp(kernel, start, { steps: 200, key: random.key(2) });
  return sample(kernel, { initial: tuned, draws, key: random.key(3) });
}

describe("a Gaussian tilt of an affine flow", () => {
  it("is sampled with its mean and covariance, in noise and in data", async () => {
    const { model, params } = gaussian();
    const { positions } = await latentDraws(model.latentEnergy(params), 2);
    // False alarms: 4 standard errors twice are passed by chance once in 8,000 runs.
    const check = (draws: tf.Tensor, means: readonly number[], sds: readonly number[]): void =>
      summarize(draws).forEach((row, i) => {
        expect(Math.abs(row.mean - means[i]!)).toBeLessThan(4 * row.mcseMean);
        expect(Math.abs(row.sd / sds[i]! - 1)).toBeLessThan(0.06);
      });
    // Variances are those of the inverse of [[6.7, 0.55], [0.55, 1.125]].
    const determinant = 6.7 * 1.125 - 0.55 ** 2;
    check(positions, [-0.04215619, 0.3317208], [Math.sqrt(1.125 / determinant), Math.sqrt(6.7 / determinant)]);
    const [chains, count] = positions.shape as [number, number];
    const x = model.backbone.decode(params.backbone, tf.reshape(positions, [chains * count, 2]));
    check(tf.reshape(x, [chains, count, 2]), [0.91568763, -0.87629578], [Math.sqrt(0.6219765), Math.sqrt(0.31098825)]);
  });

  it("has its partition function, by importance sampling and from both sides", async () => {
    const { model, params } = gaussian();
    const expected = -1.82930623;
    const weighed = await importancePartition(model, params, { draws: 8192, key: random.key(4) });
    expect(Math.abs(weighed.logPartition - expected)).toBeLessThan(4 * weighed.standardError);
    const { positions } = await latentDraws(model.latentEnergy(params), 2, 200);
    const last = tf.reshape(tf.slice(positions, [0, 180, 0], [16, 20, 2]), [320, 2]);
    const bounds = await partitionBounds(model, params, { key: random.key(5), draws: last, levels: 30 });
    expect(Math.abs(bounds.lower - expected)).toBeLessThan(4 * bounds.standardErrors.lower);
    expect(Math.abs(bounds.upper - expected)).toBeLessThan(4 * bounds.standardErrors.upper + 0.05);
    expect(bounds.approximate).toBe(true);
  });

  it("has the same density in data as in noise, but for the volume", () => {
    const { model, params } = gaussian();
    const z = random.normal(random.key(6), [5, 2]);
    const x = model.backbone.decode(params.backbone, z);
    const difference = tf.sub(model.dataEnergy!(params)(x), model.latentEnergy(params)(z));
    // log|det A| = 0 here, and the constant of N(0, I) is in the flow's density alone.
    difference.dataSync().forEach((value) => expect(value).toBeCloseTo(Math.log(2 * Math.PI), 4));
  });
});

describe("no tilt", () => {
  it("leaves the noise standard normal, and Z one", async () => {
    const { backbone, params } = affineFlow(a, b);
    const model = tilted(
      backbone,
      quadratic(
        [
          [0, 0],
          [0, 0],
        ],
        [0, 0],
      ),
    );
    const both = { backbone: params, energy: [] as readonly never[] };
    const estimate = await importancePartition(model, both, { draws: 256, key: random.key(7) });
    expect(Math.abs(estimate.logPartition)).toBeLessThan(1e-6);
    const { positions } = await latentDraws(model.latentEnergy(both), 2);
    for (const row of summarize(positions)) {
      expect(Math.abs(row.mean)).toBeLessThan(4 * row.mcseMean);
      expect(Math.abs(row.sd - 1)).toBeLessThan(0.06);
    }
  });
});

describe("a linear tilt", () => {
  it("moves the mean by the covariance times it, and has its partition function", async () => {
    const { backbone, params } = affineFlow(a, b);
    const theta = [-1.75, 4];
    const model = tilted(
      backbone,
      quadratic(
        [
          [0, 0],
          [0, 0],
        ],
        [0, 0],
        theta.map((value) => -value),
      ),
    );
    const both = { backbone: params, energy: [] as readonly never[] };
    const { positions } = await latentDraws(model.latentEnergy(both), 2);
    const x = backbone.decode(params, tf.reshape(positions, [16 * 400, 2]));
    summarize(tf.reshape(x, [16, 400, 2])).forEach((row, i) => {
      expect(Math.abs(row.mean - [2, 0.5][i]!)).toBeLessThan(4 * row.mcseMean);
    });
    const last = tf.reshape(tf.slice(positions, [0, 380, 0], [16, 20, 2]), [320, 2]);
    const bounds = await partitionBounds(model, both, { key: random.key(8), draws: last, levels: 40 });
    expect(Math.abs(bounds.lower - -3.625)).toBeLessThan(4 * bounds.standardErrors.lower);
  });
});

describe("a generator of fewer dimensions", () => {
  const weights = [
    [1, 0.5, -1],
    [0, 1, 2],
  ];
  const generator: Generator<TensorTree> = {
    latentDimension: 2,
    outputShape: [3],
    parameterCount: 0,
    init: () => [],
    apply: (_, z) => tf.matMul(z as tf.Tensor2D, tf.tensor2d(weights)),
  };
  const theta = [0.4, -0.3, 0.2];
  const energy: EnergyModel<readonly never[]> = {
    init: () => [],
    energy: (_, x) => tf.neg(tf.sum(tf.mul(x, theta), 1)) as tf.Tensor1D,
  };
  const params = { backbone: [] as TensorTree, energy: [] as readonly never[] };

  it("is tilted in its latents: their mean becomes B θ", async () => {
    const model = tilted(generatorBackbone(generator), energy);
    expect(model.dataEnergy).toBeUndefined();
    const { positions } = await latentDraws(model.latentEnergy(params), 2);
    summarize(positions).forEach((row, i) => {
      const mean = weights[i]!.reduce((sum, weight, j) => sum + weight * theta[j]!, 0);
      expect(Math.abs(row.mean - mean)).toBeLessThan(4 * row.mcseMean);
    });
  });

  it("with noise has latents and noise of mean B θ and σ θ, and log Z = ½ θᵀ(BᵀB + σ²I)θ", async () => {
    const sigma = 0.5;
    const model = tilted(noisyGeneratorBackbone(generator, sigma), energy);
    const { positions } = await latentDraws(model.latentEnergy(params), 5);
    const inner = weights.map((row) => row.reduce((sum, weight, j) => sum + weight * theta[j]!, 0));
    const means = [...inner, ...theta.map((value) => sigma * value)];
    summarize(positions).forEach((row, i) => expect(Math.abs(row.mean - means[i]!)).toBeLessThan(4.5 * row.mcseMean));
    const expected = 0.5 * means.reduce((sum, mean) => sum + mean * mean, 0);
    const estimate = await importancePartition(model, params, { draws: 8192, key: random.key(9) });
    expect(Math.abs(estimate.logPartition - expected)).toBeLessThan(4 * estimate.standardError);
  });
});
