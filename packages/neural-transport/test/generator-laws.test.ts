/**
 * Tilts of a linear generator, with and without noise: latents and noise are Gaussian with known
 * moments.
 */
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "@ergodic/engine";
import type { EnergyModel } from "@ergodic/energies";
import type { VectorGenerator } from "@ergodic/generators";
import { summarize } from "@ergodic/samplers";
import { random, type TensorTree } from "@ergodic/tensor";
import { beforeAll, describe, expect, it } from "vitest";
import { generatorBackbone, importancePartition, noisyGeneratorBackbone, tilted } from "../src/index.js";
import { latentDraws } from "./support.js";

beforeAll(() => useEngine("onnx"));

describe("a generator of fewer dimensions", () => {
  const weights = [
    [1, 0.5, -1],
    [0, 1, 2],
  ];
  const generator: VectorGenerator<TensorTree> = {
    latentDimension: 2,
    outputShape: [3],
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

  it("with noise keeps its posterior: given x, z is what it was without the tilt", async () => {
    const sigma = 0.5;
    const model = tilted(noisyGeneratorBackbone(generator, sigma), energy);
    const { positions } = await latentDraws(model.latentEnergy(params), 5);
    const [chains, draws] = positions.shape as [number, number];
    const flat = tf.reshape(positions, [chains * draws, 5]);
    const x = model.backbone.decode([], flat);
    // E[z | x] = (B Bᵀ + σ² I)⁻¹ B x. The residual of z has no covariance with x.
    const inverse = tf.div(
      tf.tensor2d([
        [5.25, 1.5],
        [1.5, 2.5],
      ]),
      2.5 * 5.25 - 1.5 ** 2,
    ) as tf.Tensor2D;
    const explained = tf.matMul(x as tf.Tensor2D, tf.matMul(tf.tensor2d(weights), inverse, true));
    const left = tf.sub(tf.slice(flat, [0, 0], [-1, 2]), explained);
    const products = tf.reshape(tf.mul(tf.expandDims(left, 2), tf.expandDims(x, 1)), [-1, 6]);
    const rows = summarize(tf.reshape(tf.concat([left, products], 1), [chains, draws, 8]));
    // False alarm rate: one in 2,000 runs that one of eight numbers exceeds 4 standard errors. The
    // mean of z itself would be B θ, 10 standard errors away.
    rows.forEach((row) => expect(Math.abs(row.mean)).toBeLessThan(4 * row.mcseMean));
  });
});
