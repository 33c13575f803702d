/** Tilts of linear generators, learned from data with a known law. */
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "@ergodic/engine";
import type { EnergyModel } from "@ergodic/energies";
import type { VectorGenerator } from "@ergodic/generators";
import { adam, cosine } from "@ergodic/nn";
import { random, tree, type Key } from "@ergodic/tensor";
import { beforeAll, describe, expect, it } from "vitest";
import { generatorBackbone, noisyGeneratorBackbone, tiltLearner, type TransportBackbone } from "../src/index.js";
import { during } from "./support.js";

beforeAll(() => useEngine("onnx"));

type Weights = { readonly weights: tf.Tensor2D };
type Theta = { readonly theta: tf.Tensor };
type Batch = { readonly x: tf.Tensor };

const b = [
  [1, 0.5, -1],
  [0, 1, 2],
];
/** g(z) = Bᵀz, from two numbers to three. */
const generator: VectorGenerator<Weights> = {
  latentDimension: 2,
  outputShape: [3],
  init: () => ({ weights: tf.tensor2d(b) }),
  apply: ({ weights }, z) => tf.matMul(z as tf.Tensor2D, weights),
};
/** E(x) = -θ·x. */
const energy: EnergyModel<Theta> = {
  init: () => ({ theta: tf.zeros([3]) }),
  energy: ({ theta }, x) => tf.neg(tf.sum(tf.mul(x, theta), 1)) as tf.Tensor1D,
};
const goal = [0.4, -0.3, 0.2];
const updates = 400;

/**
 * Draws of the backbone with its noise shifted by `shift`.
 *
 * They come in pairs around the shift, so every batch has this mean exactly.
 */
const data = (backbone: TransportBackbone<Weights>, shift: readonly number[], key: Key): Batch => {
  const noise = random.normal(key, [256, backbone.dimension]);
  const moved = tf.concat([tf.add(shift, noise), tf.sub(shift, noise)], 0);
  return { x: backbone.decode(generator.init(key), moved) };
};

async function learned(backbone: TransportBackbone<Weights>, shift: readonly number[], contrastive: number) {
  const learner = tiltLearner({
    backbone,
    pretrained: (key) => generator.init(key),
    energy,
    optimizer: adam({ learningRate: cosine({ initial: 0.02, steps: updates }) }),
    observe: (batch: Batch) => batch.x,
    chains: { count: 512, stepSize: 0.3 },
    penalty: 0,
  });
  let state = await learner.init(random.key(1), data(backbone, shift, random.key(2)));
  const first = [...state.params.backbone.weights.dataSync()];
  const recent: Record<string, number>[] = [];
  for (let i = 0; i < updates; i += 1) {
    const batch = data(backbone, shift, random.fold(random.key(3), i));
    const { state: next, metrics } = await learner.update(
      state,
      batch,
      during(i < contrastive ? "contrastive" : "likelihood", random.fold(random.key(4), i), i),
    );
    tree.dispose(batch);
    state = next;
    recent.push(metrics);
  }
  expect([...state.params.backbone.weights.dataSync()]).toEqual(first);
  const metric = (name: string): number => recent.slice(-100).reduce((sum, metrics) => sum + metrics[name]! / 100, 0);
  return { learner, state, metric, theta: [...state.params.energy.theta.dataSync()] };
}

const times = (rows: readonly (readonly number[])[], vector: readonly number[]): number[] =>
  rows.map((row) => row.reduce((sum, value, j) => sum + value * vector[j]!, 0));
const square = (vector: readonly number[]): number => vector.reduce((sum, value) => sum + value * value, 0);

describe("a generator without noise", () => {
  // Under the tilt z ~ N(B θ, I). The part of θ outside the range of Bᵀ changes no example.
  const shift = times(b, goal);

  it.each([
    ["maximum likelihood", 0],
    ["contrast with draws of the generator", updates],
  ])("learns a tilt that moves its latents to B θ* by %s", async (_, contrastive) => {
    const { learner, state, theta, metric } = await learned(generatorBackbone(generator), shift, contrastive);
    times(b, theta).forEach((value, i) => expect(Math.abs(value - shift[i]!)).toBeLessThan(0.05));
    // The gain, E θ·x - log Z = ½ |B θ*|² at the optimum, is flat there. 100 means of 512 weights
    // per iteration have error 0.006.
    expect(Math.abs(metric("gain") - 0.5 * square(shift))).toBeLessThan(0.03);
    expect(Math.abs(metric("logPartition") - 0.5 * square(shift))).toBeLessThan(0.03);
    // ESS/N of weights exp(w), w normal of variance |B θ*|², is exp(-|B θ*|²).
    expect(Math.abs(metric("effectiveShare") - Math.exp(-square(shift)))).toBeLessThan(0.05);

    const made = await learner.sample(state, random.key(5), 4_000);
    const mean = tf.mean(made, 0).dataSync();
    const expected = [0, 1, 2].map((j) => shift[0]! * b[0]![j]! + shift[1]! * b[1]![j]!);
    // Standard deviations are at most √5. 4 standard errors of 4,000 draws are 0.14.
    expected.forEach((value, j) => expect(Math.abs(mean[j]! - value)).toBeLessThan(0.2));
    expect(Object.keys(learner.chains(state, data(learner.model.backbone, shift, random.key(6))))).toEqual(["latent"]);
  });
});

describe("a generator with noise", () => {
  it("learns θ*, although its density is never computed", async () => {
    const sigma = 0.5;
    // z ~ N(B θ*, I) and ε ~ N(σ θ*, I): E x = (BᵀB + σ² I) θ*, which is invertible.
    const shift = [...times(b, goal), ...goal.map((value) => sigma * value)];
    const { theta, metric } = await learned(noisyGeneratorBackbone(generator, sigma), shift, 0);
    // In the direction outside the range of B the curvature is σ² = 0.25, so noise has four times
    // the weight.
    theta.forEach((value, i) => expect(Math.abs(value - goal[i]!)).toBeLessThan(0.08));
    expect(Math.abs(metric("gain") - 0.5 * square(shift))).toBeLessThan(0.03);
  });
});

it("needs parameters of its backbone", () => {
  expect(() =>
    tiltLearner({
      backbone: generatorBackbone(generator),
      pretrained: undefined as never,
      energy,
      optimizer: adam({ learningRate: 1e-3 }),
      observe: (batch: Batch) => batch.x,
    }),
  ).toThrow(/pretrained/);
});
