/** Tilts of affine flows, with Gaussian closed forms. */
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "@ergodic/engine";
import type { EnergyModel } from "@ergodic/energies";
import { hmc, identityMass, sample, summarize } from "@ergodic/samplers";
import { random } from "@ergodic/tensor";
import { beforeAll, describe, expect, it } from "vitest";
import { importancePartition, partitionBounds, tilted } from "../src/index.js";
import { a, affineFlow, b, latentDraws } from "./support.js";

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

describe("a Gaussian tilt of an affine flow", () => {
  it("is sampled with its mean and covariance, in noise and in data", async () => {
    const { model, params } = gaussian();
    const { positions } = await latentDraws(model.latentEnergy(params), 2);
    // False alarm rate: one in 1,600 runs that one of ten numbers exceeds 4 standard errors.
    const check = (draws: tf.Tensor, means: readonly number[], sds: readonly number[], covariance: number): void => {
      summarize(draws).forEach((row, i) => {
        expect(Math.abs(row.mean - means[i]!)).toBeLessThan(4 * row.mcseMean);
        expect(Math.abs(row.sd / sds[i]! - 1)).toBeLessThan(0.06);
      });
      const [product] = summarize({ product: tf.prod(tf.sub(draws, [...means]), 2) });
      expect(Math.abs(product!.mean - covariance)).toBeLessThan(4 * product!.mcseMean);
    };
    // Variances come from the inverse of [[6.7, 0.55], [0.55, 1.125]].
    const determinant = 6.7 * 1.125 - 0.55 ** 2;
    check(
      positions,
      [-0.04215619, 0.3317208],
      [Math.sqrt(1.125 / determinant), Math.sqrt(6.7 / determinant)],
      -0.55 / determinant,
    );
    const [chains, count] = positions.shape as [number, number];
    const x = model.backbone.decode(params.backbone, tf.reshape(positions, [chains * count, 2]));
    check(
      tf.reshape(x, [chains, count, 2]),
      [0.91568763, -0.87629578],
      [Math.sqrt(0.6219765), Math.sqrt(0.31098825)],
      0.2349689,
    );
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
    // log|det A| = 0 here. Only the flow's density contains the constant of N(0, I).
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
    const bounds = await partitionBounds(model, both, {
      key: random.key(10),
      draws: random.normal(random.key(11), [32, 2]),
      levels: 10,
    });
    expect(Math.max(Math.abs(bounds.lower), Math.abs(bounds.upper))).toBeLessThan(1e-6);
    const { positions } = await latentDraws(model.latentEnergy(both), 2);
    for (const row of summarize(positions)) {
      expect(Math.abs(row.mean)).toBeLessThan(4 * row.mcseMean);
      expect(Math.abs(row.sd - 1)).toBeLessThan(0.06);
    }
  });
});

describe("small steps", () => {
  it("are all accepted", async () => {
    const { model, params } = gaussian();
    const energy = model.latentEnergy(params);
    const start = random.normal(random.key(12), [512, 2]);
    const rejections: number[] = [];
    for (const stepSize of [0.4, 0.2, 0.1, 0.05]) {
      const kernel = hmc({ energy, steps: 3, stepSize, mass: identityMass() });
      const { info } = await sample(kernel, { initial: start, draws: 1, key: random.key(13) });
      rejections.push(1 - tf.mean(info.acceptProb).dataSync()[0]!);
    }
    // The energy error of the leapfrog is of second order. It falls by 4 with every halving, and by
    // at least 2.
    rejections.slice(1).forEach((rate, i) => expect(rate).toBeLessThan(rejections[i]! / 2));
    expect(rejections.at(-1)).toBeLessThan(0.005);
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
