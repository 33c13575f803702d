/**
 * Cooperative networks: both updates are their formulas with the chain as a constant, raw and
 * refined samples belong together, and runs resume exactly.
 */
import { gaussianRing } from "@ergodic/data";
import { mlpEnergy } from "@ergodic/energies";
import { useEngine } from "@ergodic/engine";
import { networkGenerator } from "@ergodic/generators";
import { adam, dense, every, mlp, sgd } from "@ergodic/nn";
import { random, ValidationError, type Key } from "@ergodic/tensor";
import { defineExperiment } from "@ergodic/training";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { coopNets, coopNetsLearning, resolveCoopNets, type CoopNetsOptions } from "../src/index.js";
import { difference, expectExactResume, linearEnergy, numbersOf, valuesOf } from "./support.js";

type Points = { readonly points: tf.Tensor };
const observe = ({ points }: Points): tf.Tensor => points;
const key = random.key("coopnets");

/** E(x) = θ · x and g(z) = z W + b, with chains without noise: x̃ = g(z) - K α θ. */
const theta = [0.5, -1] as const;
const linear = (given: Partial<CoopNetsOptions<never, never, Points>> = {}) => ({
  generator: networkGenerator({ latentDimension: 3, outputShape: [2], network: dense({ in: 3, out: 2 }) }),
  energy: linearEnergy(theta),
  chain: { steps: 4, drift: 0.25, withNoise: false },
  sigma: 0.5,
  optimizers: { energy: sgd({ learningRate: 1 }), generator: sgd({ learningRate: 1 }) },
  observe,
  ...given,
});

describe.each(["cpu", "onnx"] as const)("an update on %s", (engine) => {
  beforeAll(() => useEngine(engine));

  it("moves the energy by the difference of means, with no gradient through the chain", async () => {
    const learner = coopNets(linear({ chains: 6 }));
    const x = random.normal(random.key("x"), [5, 2]);
    const state = await learner.init(key, { points: x });
    const { state: next, metrics } = await learner.update(state, { points: x }, { key, iteration: 0 });
    // z is drawn from the first of the five keys of an update.
    const z = random.normal(random.split(key, 5)[0]!, [6, 3]);
    const made = tf.add(tf.matMul(z, state.params.generator.weight), state.params.generator.bias);
    const revised = tf.sub(made, tf.tensor1d([...theta]));
    // ∂/∂θ of mean E(x) - mean E(x̃) is mean x - mean x̃. Through the chain it would have θ
    // besides.
    const gradient = valuesOf(tf.sub(tf.mean(x, 0), tf.mean(revised, 0)));
    const moved = valuesOf(next.params.energy.theta).map((value, i) => theta[i]! - value);
    expect(difference(moved, gradient)).toBeLessThan(1e-5);
    expect(metrics["displacement"]).toBeCloseTo(0.75, 5);
    expect(metrics["energyGap"]).toBeCloseTo(gradient[0]! * theta[0] + gradient[1]! * theta[1], 4);
  });

  it("moves the generator by MCMC teaching alone, -2 (x̃ - g)/(2σ²) per example", async () => {
    const learner = coopNets(linear());
    const x = random.normal(random.key("x"), [5, 2]);
    const state = await learner.init(key, { points: x });
    const { state: next, metrics } = await learner.update(state, { points: x }, { key, iteration: 0 });
    // x̃ - g = -θ for every example, so ∂/∂b is θ/σ² and ∂/∂W is z̄ θᵀ/σ².
    const z = random.normal(random.split(key, 5)[0]!, [5, 3]);
    const slope = theta.map((value) => value / 0.25);
    const { weight, bias } = state.params.generator;
    const movedBias = valuesOf(tf.sub(bias, next.params.generator.bias));
    expect(difference(movedBias, slope)).toBeLessThan(1e-5);
    const expected = valuesOf(tf.mean(z, 0)).flatMap((value) => slope.map((s) => value * s));
    expect(difference(valuesOf(tf.sub(weight, next.params.generator.weight)), expected)).toBeLessThan(1e-5);
    expect(metrics["teaching"]).toBeCloseTo((theta[0] ** 2 + theta[1] ** 2) / 0.5, 5);
  });
});

describe("cooperative networks", () => {
  beforeAll(() => useEngine("onnx"));

  const ring = gaussianRing({ count: 8, radius: 2, sd: 0.15 });
  const options = (given: Partial<CoopNetsOptions<never, never, Points>> = {}) => ({
    generator: networkGenerator({
      latentDimension: 4,
      outputShape: [2],
      network: mlp({ in: 4, widths: [16], out: 2, activation: "swish" }),
    }),
    energy: mlpEnergy({ in: 2, widths: [16], activation: "swish" }),
    chain: { steps: 3, stepSize: 0.1, referenceSd: 2 },
    optimizers: { energy: adam({ learningRate: 1e-3 }), generator: adam({ learningRate: 1e-3 }) },
    observe,
    ...given,
  });

  it("take the same step compiled and as a plain function", async () => {
    const given = options({ inference: { steps: 2, stepSize: 0.1 }, penalty: 0.01 });
    const learner = coopNets(given);
    const points = ring.sample(random.key("x"), 16);
    const state = await learner.init(key, { points });
    const compiled = await learner.update(state, { points }, { key, iteration: 0 });
    const { init, step } = coopNetsLearning(resolveCoopNets(given));
    const plain = step(init(key), points, key).state;
    expect(difference(numbersOf(compiled.state), numbersOf(plain))).toBeLessThan(1e-4);
  });

  it("refine the raw samples of the same key", async () => {
    const learner = coopNets(options({ chain: { steps: 3, drift: 1e-6, withNoise: false } }));
    const state = await learner.init(key, { points: tf.zeros([1, 2]) });
    const [raw, refined] = [await learner.sampleReference(state, key, 300), await learner.sample(state, key, 300)];
    expect(raw.shape).toEqual([300, 2]);
    expect(difference(valuesOf(raw), valuesOf(refined))).toBeLessThan(1e-4);
  });

  it("infer z before teaching where it is asked for: teaching then fits better", async () => {
    const points = ring.sample(random.key("x"), 64);
    const errorWith = async (given: Parameters<typeof options>[0]) => {
      const learner = coopNets(options({ sigma: 0.1, ...given, chain: { steps: 5, stepSize: 0.5 } }));
      const state = await learner.init(key, { points });
      return (await learner.update(state, { points }, { key, iteration: 0 })).metrics["teaching"]!;
    };
    expect(await errorWith({ inference: { steps: 20, stepSize: 0.05 } })).toBeLessThan(0.9 * (await errorWith({})));
  });

  it("update a part once in k iterations under `every`", async () => {
    const points = ring.sample(random.key("x"), 16);
    const learner = coopNets(
      options({
        optimizers: { energy: every(2, adam({ learningRate: 1e-3 })), generator: adam({ learningRate: 1e-3 }) },
      }),
    );
    const first = await learner.init(key, { points });
    const at = (iteration: number) => ({ key: random.fold(key, iteration), iteration });
    const { state: second } = await learner.update(first, { points }, at(0));
    const { state: third } = await learner.update(second, { points }, at(1));
    expect(numbersOf(second.params.energy)).not.toEqual(numbersOf(first.params.energy));
    expect(numbersOf(third.params.energy)).toEqual(numbersOf(second.params.energy));
    expect(numbersOf(third.params.generator)).not.toEqual(numbersOf(second.params.generator));
  });

  it("resume to the bytes of a run that was not stopped", async () => {
    const experiment = defineExperiment({
      data: ring.source({ size: 256 }),
      model: () => coopNets(options()),
      training: { iterations: 6, batchSize: 32, checkpointEvery: 2, logEvery: 1 },
    });
    await expectExactResume(experiment);
  });

  it("offer chains, scores and exports of the density with its reference", async () => {
    const learner = coopNets(options());
    const points = ring.sample(random.key("x"), 8);
    const state = await learner.init(key, { points });
    const score = valuesOf(await learner.score(state, { points }));
    const { data } = learner.chains!(state, { points });
    expect(difference(valuesOf(data!.energy(points)), score)).toBeLessThan(1e-5);
    const { energy, generator } = learner.exports!(state, 2);
    const reference = valuesOf(tf.div(tf.sum(tf.square(points), 1), 8));
    const learned = valuesOf(
      mlpEnergy({ in: 2, widths: [16], activation: "swish" }).energy(state.params.energy, points),
    );
    expect(
      difference(
        score,
        learned.map((value, i) => value + reference[i]!),
      ),
    ).toBeLessThan(1e-5);
    expect((generator!.fn as (z: tf.Tensor) => tf.Tensor)(tf.zeros([2, 4])).shape).toEqual([2, 2]);
    expect((energy!.fn as (x: tf.Tensor) => tf.Tensor)(points).shape).toEqual([8]);
    const start = data!.scattered(random.key(1) as Key, 5) as tf.Tensor;
    expect(start.shape).toEqual([5, 2]);
  });

  it.each([
    [{ sigma: 0 }, /sigma is 0/],
    [{ penalty: -1 }, /penalty is -1/],
    [{ chains: 0 }, /chains is 0/],
    [{ inference: { steps: 0, stepSize: 1 } }, /inference.steps is 0/],
    [{ chain: { steps: 0, drift: 1 } }, /chain.steps is 0/],
  ])("refuse wrong options (%#)", (wrong, message) => {
    expect(() => coopNets(options(wrong))).toThrow(ValidationError);
    expect(() => coopNets(options(wrong))).toThrow(message);
  });
});
