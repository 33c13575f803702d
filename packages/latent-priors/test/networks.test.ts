/**
 * Networks with batch normalisation, spectral normalisation and dropout as generator and energy.
 *
 * Losses use them in training mode; chains, samples and scores use them in evaluation mode. Fixed
 * members change once per update.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, useEngine } from "@ergodic/engine";
import { networkEnergy } from "@ergodic/energies";
import { gaussian, networkGenerator } from "@ergodic/generators";
import {
  batchNorm,
  dense,
  dropoutLayer,
  leakyRelu,
  sequential,
  sgd,
  spectral,
  type Layer,
  type Refreshable,
} from "@ergodic/nn";
import { random, trainedPart, tree, withTrained, type Key, type TensorTree } from "@ergodic/tensor";
import { latentChains, latentPrior, resolveOptions } from "../src/index.js";
import { enginesOnThisMachine, largestDifference, valuesOf } from "./support.js";

const rate = sgd({ learningRate: 1 });
const common = {
  optimizers: { generator: rate, energy: rate },
  observation: gaussian({ sigma: 1 }),
  prior: { steps: 2, stepSize: 0.4 },
  posterior: { steps: 2, stepSize: 0.1 },
  observe: (x: tf.Tensor) => x,
};
const generator = networkGenerator({
  latentDimension: 2,
  outputShape: [3],
  network: sequential(
    dense({ in: 2, out: 4 }),
    batchNorm({ channels: 4 }),
    leakyRelu(),
    dropoutLayer({ rate: 0.3 }),
    spectral(dense({ in: 4, out: 3 }), { form: "capped" }),
  ),
});
const energy = networkEnergy(
  sequential(
    spectral(dense({ in: 2, out: 5 }), { form: "standard" }),
    batchNorm({ channels: 5 }),
    leakyRelu(),
    dropoutLayer({ rate: 0.3 }),
    dense({ in: 5, out: 1 }),
  ),
);
const settings = { ...common, generator, energy };
const options = resolveOptions(settings);
const chains = latentChains(options);
const model = latentPrior(settings);
type State = Awaited<ReturnType<typeof model.init>>;

const numbers = (values: TensorTree): number[] => tree.leaves(values).flatMap(valuesOf);
const leafAt = (params: TensorTree, path: string): tf.Tensor => tree.leaves(params)[tree.paths(params).indexOf(path)]!;
const points = (seed: string, n: number): tf.Tensor => random.normal(random.key(seed), [n, 3], { mean: 1 });
const rows = (tensor: tf.Tensor): number[][] => tensor.arraySync() as number[][];

/** A state whose running statistics are far from those of any batch, and from zero and one. */
async function settled(): Promise<State> {
  const state = await model.init(random.key(0), points("x", 4));
  const { state: next } = await model.update(state, points("first", 16), { key: random.key(9), iteration: 0 });
  return next;
}

describe.each(enginesOnThisMachine)("networks that learn otherwise than they are evaluated on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it("move their fixed members once an update, by the latents of the posterior, and chains see the old ones", async () => {
    const state = await settled();
    const [x, key] = [points("batch", 12), random.key("update")];
    // The chain of the update is that of evaluation under the parameters before it.
    const chain = compile((params: State["params"], at: Key) => chains.samplePosterior(params, x, at));
    const positive = await chain(state.params, random.split(key, 2)[0]!);
    const { state: next } = await model.update(state, x, { key, iteration: 1 });
    const check = <P extends TensorTree>(network: Refreshable<P, tf.Tensor>, before: P, after: P): void => {
      // Trained members after the update, fixed ones before it.
      const expected = network.refresh!(withTrained(before, trainedPart(after)), positive);
      const paths = tree.paths(after).filter((path) => path.includes("$fixed"));
      expect(paths).toHaveLength(3);
      for (const path of paths) {
        const [old, moved, wanted] = [before, after, expected].map((params) => valuesOf(leafAt(params, path)));
        expect(moved).not.toEqual(old);
        expect(largestDifference(moved!, wanted!)).toBeLessThan(1e-5);
      }
    };
    check(generator, state.params.generator, next.params.generator);
    check(energy, state.params.energy!, next.params.energy!);
  });

  it("are evaluated in chains, samples and scores: each row by itself, without draws, and nothing moves", async () => {
    const state = await settled();
    const before = numbers(state);
    const key = random.key("evaluation");
    const [x, other] = [points("x", 4), points("other", 3)];
    // Statistics of a batch would couple its rows.
    const mixed = tf.concat([tf.slice(x, 0, 1), other]);
    for (const use of [
      (at: tf.Tensor) => model.infer(state, at, key),
      async (at: tf.Tensor) => tf.expandDims(await model.score(state, at, key), 1),
      async (at: tf.Tensor) => (await model.reconstruct(state, at, key)).reconstruction,
    ]) {
      const [all, again, first] = [rows(await use(x)), rows(await use(x)), rows(await use(mixed))[0]!];
      expect(again).toEqual(all);
      expect(largestDifference(first, all[0]!)).toBeLessThan(1e-5);
    }
    // A sample is the generator in evaluation at the latent of the same key.
    const decoded = generator.apply(state.params.generator, await model.sampleLatents(state, key, 5));
    expect(largestDifference(numbers(await model.sample(state, key, 5)), numbers(decoded))).toBeLessThan(1e-5);
    await model.diagnose(state, key);
    expect(numbers(state)).toEqual(before);
  });

  it("use batch statistics in losses: a bias in front of batch normalisation has no gradient", async () => {
    const state = await settled();
    const { state: next } = await model.update(state, points("batch", 12), { key: random.key(3), iteration: 1 });
    for (const name of ["generator", "energy"] as const) {
      const [before, after] = [state.params[name] as TensorTree, next.params[name] as TensorTree];
      const moved = (path: string): number =>
        largestDifference(valuesOf(leafAt(after, path)), valuesOf(leafAt(before, path)));
      expect(moved("0.bias")).toBeLessThan(1e-6);
      expect(moved("0.weight")).toBeGreaterThan(1e-4);
    }
  });

  it("drop values in losses and nowhere else, other ones for both ends of the chains", async () => {
    // g(z) = 1 whatever z, so dropout at ½ makes it 0 or 2, at the same distance from x = 1. In
    // evaluation it is x.
    const one: Layer = {
      init: () => tf.ones([1, 3]),
      apply: (b, z) => tf.add(tf.mul(0, tf.sum(z, 1, true)), b as tf.Tensor),
    };
    // E(z) = 1 in evaluation, and 0 or 2 in a loss.
    const level: Layer = {
      init: () => tf.ones([1, 1]),
      apply: (b, z) => tf.add(tf.mul(0, tf.sum(z, 1, true)), b as tf.Tensor),
    };
    const half = dropoutLayer({ rate: 0.5 });
    const constant = latentPrior({
      ...common,
      generator: { latentDimension: 2, ...sequential(one, half) },
      energy: networkEnergy(sequential(level, half)),
    });
    const x = tf.ones([64, 3]);
    const state = await constant.init(random.key(0), x);
    const { metrics } = await constant.update(state, x, { key: random.key(1), iteration: 0 });
    expect(metrics["reconstruction"]).toBeCloseTo(1, 6);
    // Means of 64 draws are equal by chance once in fourteen keys; this one is fixed.
    expect(metrics["energyGap"]).not.toBe(0);
    const { reconstruction } = await constant.reconstruct(state, x, random.key(2));
    expect(new Set(valuesOf(reconstruction))).toEqual(new Set([1]));
  });
});
