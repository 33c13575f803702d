/** The phase before posterior chains: its gradients by hand, and what it leaves alone. */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { useEngine } from "@ergodic/engine";
import { gaussian, type InferenceModel } from "@ergodic/generators";
import { sgd } from "@ergodic/nn";
import { random, tree, type TensorTree } from "@ergodic/tensor";
import { latentPrior } from "../src/index.js";
import { enginesOnThisMachine, linearGenerator, quadraticTilt, relativeError, sumOver, valuesOf } from "./support.js";

type Normal = { readonly m: tf.Tensor; readonly s: tf.Tensor };

/** q(z | x) = N(m, e^(2s) I). */
const inference: InferenceModel<Normal> = {
  init: () => ({ m: tf.tensor1d([0.3, -0.2]), s: tf.scalar(-0.7) }),
  draw: ({ m, s }, x, key) => tf.add(m, tf.mul(tf.exp(s), random.normal(key, [x.shape[0]!, 2]))),
  energy({ m, s }, z) {
    const rest = tf.sum(tf.square(tf.div(tf.sub(z, m), tf.exp(s))), 1);
    return tf.add(tf.mul(0.5, rest), tf.mul(2, s)) as tf.Tensor1D;
  },
};
const [sigma, beta, batch] = [0.5, 2.5, 4];
const rate = sgd({ learningRate: 1 });
const settings = {
  generator: linearGenerator(2, 3),
  energy: quadraticTilt(2),
  optimizers: { generator: rate, energy: rate, inference: rate },
  observation: gaussian({ sigma }),
  posterior: { steps: 2, stepSize: 0.1, likelihoodWeight: beta },
  observe: (images: tf.Tensor) => images,
};
const phase = { name: "variational", iteration: 1, iterations: 4 };
const share = phase.iteration / phase.iterations;
const observed = (): tf.Tensor2D => tf.tensor2d([0.7, -0.3, 0.2, 1, 0, 0.5, -0.4, 0.1, 0, 0.2, 0.3, -0.6], [batch, 3]);
const numbers = (values: TensorTree): number[] => tree.leaves(values).flatMap(valuesOf);

describe.each(enginesOnThisMachine)("the variational phase on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it("follows the weighted bound through the draws of q, and leaves the tilt alone", async () => {
    const model = latentPrior({ ...settings, inference });
    const [x, key] = [observed(), random.key("one update")];
    const state = await model.init(random.key(0), x);
    const { state: next } = await model.update(state, x, { key, iteration: 1, phase });

    const q = state.params.inference as Normal;
    const rows = inference.draw(q, x, random.split(key, 2)[0]!).arraySync() as number[][];
    const weights = state.params.generator.weight.arraySync() as number[][];
    const data = x.arraySync();
    const m = valuesOf(q.m);
    const residual = (n: number, i: number): number =>
      data[n]![i]! - sumOver(2, (j) => weights[i]![j]! * rows[n]![j]!) - valuesOf(state.params.generator.bias)[i]!;
    const mean = (of: (n: number) => number): number => sumOver(batch, of) / batch;
    /** d/dz of -log p(x | z) + (a/β) ½|z|²; log q does not change along its own draws. */
    const slope = (n: number, j: number): number =>
      -sumOver(3, (i) => weights[i]![j]! * residual(n, i)) / sigma ** 2 + (share / beta) * rows[n]![j]!;
    const down = {
      m: m.map((_, j) => mean((n) => slope(n, j))),
      // z = m + e^s ε, and log q is -2s along its own draws.
      s: mean((n) => sumOver(2, (j) => slope(n, j) * (rows[n]![j]! - m[j]!))) - (share / beta) * 2,
      weight: weights.flatMap((row, i) => row.map((_, j) => -mean((n) => residual(n, i) * rows[n]![j]!) / sigma ** 2)),
      bias: data[0]!.map((_, i) => -mean((n) => residual(n, i)) / sigma ** 2),
    };
    const gradient = (before: tf.Tensor, after: tf.Tensor): number[] => valuesOf(tf.sub(before, after));
    const to = next.params.inference as Normal;
    expect(relativeError(gradient(q.m, to.m), down.m)).toBeLessThan(1e-5);
    expect(relativeError(gradient(q.s, to.s), [down.s])).toBeLessThan(1e-5);
    const { weight, bias } = state.params.generator;
    expect(relativeError(gradient(weight, next.params.generator.weight), down.weight)).toBeLessThan(1e-5);
    expect(relativeError(gradient(bias, next.params.generator.bias), down.bias)).toBeLessThan(1e-5);
    expect(numbers(next.params.energy!)).toEqual(numbers(state.params.energy!));
    await model.dispose!();
  });

  it("is followed by chains, in which the tilt learns too", async () => {
    const model = latentPrior({ ...settings, inference });
    const x = observed();
    const first = await model.init(random.key(0), x);
    const bound = await model.update(first, x, { key: random.key(1), iteration: 1, phase });
    const chains = { name: "chains", iteration: 0, iterations: 4 };
    const { state, metrics } = await model.update(bound.state, x, { key: random.key(2), iteration: 4, phase: chains });
    expect(numbers(state.params.energy!)).not.toEqual(numbers(first.params.energy!));
    expect(Object.keys(bound.metrics)).toEqual(expect.arrayContaining(["divergence", "surprise", "reconstruction"]));
    expect(Object.keys(metrics)).toEqual(expect.arrayContaining(["energyGap", "inferenceEnergy"]));
    await model.dispose!();
  });

  it("is refused without an inference model", async () => {
    const { inference: _, ...optimizers } = settings.optimizers;
    const model = latentPrior({ ...settings, optimizers });
    const x = observed();
    const state = await model.init(random.key(0), x);
    await expect(model.update(state, x, { key: random.key(1), iteration: 0, phase })).rejects.toThrow(
      "the phase variational has no inference model",
    );
    await model.dispose!();
  });
});
