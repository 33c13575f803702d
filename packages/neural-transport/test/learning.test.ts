/** Learning of a tilt with known optimal parameters, and its gradient. */
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "@ergodic/engine";
import type { EnergyModel } from "@ergodic/energies";
import { sgd } from "@ergodic/nn";
import { mcseMean } from "@ergodic/samplers/diagnostics";
import { random } from "@ergodic/tensor";
import { beforeAll, describe, expect, it } from "vitest";
import { neuralTransport, type TiltOptions } from "../src/index.js";
import { data, fixedFlow, learned, type Batch } from "./known-learning.js";
import { during } from "./support.js";

beforeAll(() => useEngine("onnx"));

type Theta = { readonly theta: tf.Tensor };

/** E(x) = -θ·x. */
const linearTilt = (theta: readonly number[] = [0, 0]): EnergyModel<Theta> => ({
  init: () => ({ theta: tf.tensor1d([...theta]) }),
  energy: (params, x) => tf.neg(tf.sum(tf.mul(x, params.theta), 1)) as tf.Tensor1D,
});

const theta = [0.3, -0.4];
// b + Σθ - E_data x.
const exact = [1 + 4 * 0.3 - 2 * 0.4 - 2, -1 + 2 * 0.3 - 1.25 * 0.4 - 0.5];

/** A learner whose updates subtract the gradient itself from θ. */
const stepping = (options: Pick<TiltOptions<Theta, Batch>, "chains" | "negatives">) =>
  neuralTransport({
    flow: fixedFlow(),
    energy: linearTilt(theta),
    optimizers: { flow: sgd({ learningRate: 0 }), energy: sgd({ learningRate: 1 }) },
    observe: (batch: Batch) => batch.x,
    penalty: 0,
    ...options,
  });

describe("a linear tilt", () => {
  it("learns θ* = Σ⁻¹(E x - b) by maximum likelihood", async () => {
    const { params } = await learned({ energy: linearTilt(), learningRate: 0.1, updates: 500, contrastive: false });
    const theta = params.energy.theta.dataSync();
    // Data have their exact mean. The noise of the chains, √(Σ⁻¹/512) per update, leaves 0.01 under
    // the falling rate.
    expect(Math.abs(theta[0]! + 1.75)).toBeLessThan(0.05);
    expect(Math.abs(theta[1]! - 4)).toBeLessThan(0.05);
  });
});

describe("latents", () => {
  it("are the noise of the flow: they decode to their examples, and to samples", async () => {
    const learner = stepping({});
    const [batch, key] = [data(random.key(5), 8), random.key(6)];
    const state = await learner.init(key, batch);
    const z = await learner.latents.infer!(state, batch, key);
    const [decoded, sampled] = [
      (await learner.latents.decode(state, z)) as tf.Tensor,
      (await learner.latents.decode(state, await learner.latents.sample(state, key, 8))) as tf.Tensor,
    ];
    const far = (a: tf.Tensor, b: tf.Tensor): number => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!;
    expect(far(decoded, batch.x)).toBeLessThan(1e-4);
    expect(far(sampled, await learner.sample(state, key, 8))).toBeLessThan(1e-5);
  });
});

describe("the learning gradient", () => {
  it("is the difference of means, with nothing through the chains, and without bias", async () => {
    const learner = stepping({ chains: { count: 64, stepSize: 0.3, reinitialise: 0 } });
    const batch = data(random.key(5), 64);
    let state = await learner.init(random.key(6), batch);
    const { params } = state;
    const estimates: [number[], number[]] = [[], []];
    for (let i = 0; i < 450; i += 1) {
      const { state: next } = await learner.update(
        state,
        batch,
        during("likelihood", random.fold(random.key(7), i), i),
      );
      const estimate = tf.sub(theta, next.params.energy.theta).dataSync();
      // A gradient through z would add E[θ·∂g/∂θ] here. All 64 chains move in every update.
      const negatives = learner.model.backbone.decode(params.backbone, next.tilt.chains.positions);
      const difference = tf.sub(tf.mean(negatives, 0), tf.mean(batch.x, 0)).dataSync();
      difference.forEach((value, k) => expect(Math.abs(estimate[k]! - value)).toBeLessThan(1e-4));
      if (i >= 50) estimates.forEach((list, k) => list.push(estimate[k]!));
      state = { ...next, params };
    }
    // False alarm rate of 4 standard errors, twice: one in 8,000 seeds.
    estimates.forEach((list, k) => {
      const mean = list.reduce((sum, value) => sum + value, 0) / list.length;
      expect(Math.abs(mean - exact[k]!)).toBeLessThan(4 * mcseMean([list]));
    });
  });
});

describe("the learning gradient by weights", () => {
  it("is the difference of means, those of the model by draws of the flow, and asks for no chain", async () => {
    const learner = stepping({ chains: { count: 1024 }, negatives: "weights" });
    const batch = data(random.key(10), 64);
    const state = await learner.init(random.key(11), batch);
    const estimates: [number[], number[]] = [[], []];
    for (let i = 0; i < 200; i += 1) {
      const { state: next, metrics } = await learner.update(
        state,
        batch,
        during("likelihood", random.fold(random.key(12), i), i),
      );
      const estimate = tf.sub(theta, next.params.energy.theta).dataSync();
      estimates.forEach((list, k) => list.push(estimate[k]!));
      expect(metrics).not.toHaveProperty("acceptance");
      // ESS/N of a tilt of variance v is exp(-v): 4·0.3² - 4·0.3·0.4 + 1.25·0.4² = 0.08.
      expect(metrics["effectiveShare"]).toBeCloseTo(Math.exp(-0.08), 1);
    }
    // False alarm rate of 4 standard errors of independent estimates, twice: one in 8,000 seeds.
    // The bias is of order 0.08/1024.
    estimates.forEach((list, k) => {
      const mean = list.reduce((sum, value) => sum + value, 0) / list.length;
      const variance = list.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (list.length - 1);
      expect(Math.abs(mean - exact[k]!)).toBeLessThan(4 * Math.sqrt(variance / list.length) + 1e-3);
    });
  });
});

describe("the level of an energy", () => {
  const level: EnergyModel<{ readonly level: tf.Tensor }> = {
    init: () => ({ level: tf.scalar(3) }),
    energy: (params, x) => tf.mul(params.level, tf.ones([x.shape[0]!])) as tf.Tensor1D,
  };

  it.each([
    [0, 3],
    // The slope of 2 λ c² is 4 λ c: 3 (1 - 0.5 · 0.4)^20.
    [0.1, 3 * 0.8 ** 20],
  ])("which the likelihood does not see, goes to 0 under the penalty alone: λ = %f", async (penalty, expected) => {
    const learner = neuralTransport({
      flow: fixedFlow(),
      energy: level,
      optimizers: { flow: sgd({ learningRate: 0 }), energy: sgd({ learningRate: 0.5 }) },
      observe: (batch: Batch) => batch.x,
      penalty,
    });
    const batch = data(random.key(8), 64);
    let state = await learner.init(random.key(9), batch);
    for (let i = 0; i < 20; i += 1)
      ({ state } = await learner.update(state, batch, during("likelihood", random.key(i), i)));
    expect(state.params.energy.level.dataSync()[0]).toBeCloseTo(expected, 4);
  });
});
