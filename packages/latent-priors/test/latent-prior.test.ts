/** The learner: sampling, inference, the anomaly score and the Gaussian twin. */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { useEngine } from "@ergodic/engine";
import { mlpEnergy } from "@ergodic/energies";
import { gaussian, mlpDecoder } from "@ergodic/generators";
import { adam } from "@ergodic/nn";
import { random, tree, ValidationError, type TensorTree } from "@ergodic/tensor";
import { latentPrior, posteriorEnergy, priorEnergy } from "../src/index.js";
import { enginesOnThisMachine, largestDifference, moments, relativeError, sixSigma, valuesOf } from "./support.js";

const d = 3;
const generator = mlpDecoder({ latentDimension: d, widths: [8], outputShape: [2, 2, 1] });
const energy = mlpEnergy({ in: d, widths: [6, 5], activation: "gelu" });
const optimizer = adam({ learningRate: 1e-3 });
const settings = {
  generator,
  optimizers: { generator: optimizer, energy: optimizer },
  prior: { steps: 5, stepSize: 0.4 },
  posterior: { steps: 5, stepSize: 0.1 },
  observe: (batch: { readonly images: tf.Tensor }) => batch.images,
};
const tilted = () => latentPrior({ ...settings, energy });
const twin = () => latentPrior({ ...settings, energy: undefined });
const imagesOf = (seed: string, n: number): tf.Tensor =>
  random.uniform(random.key(seed), [n, 2, 2, 1], { low: -1, high: 1 });
const example = () => ({ images: imagesOf("example", 1) });
const numbers = (values: TensorTree): number[] => tree.leaves(values).flatMap(valuesOf);

describe.each(enginesOnThisMachine)("the latent-space EBM prior on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it("leaves the state unchanged by everything but an update, and leaks no tensor", async () => {
    const model = tilted();
    const state = await model.init(random.key(1), example());
    const before = numbers(state);
    const images = imagesOf("x", 4);
    const key = random.key(2);
    const use = async (): Promise<void> => {
      const { original, reconstruction } = await model.reconstruct(state, { images }, key);
      const made = [
        await model.sample(state, key, 6),
        await model.sampleLatents(state, key, 6),
        await model.sampleReference(state, key, 6),
        await model.infer(state, images, key),
        await model.score(state, { images }, key),
        ...Object.values(await model.scores(state, { images }, key)),
      ];
      expect(made.map(({ shape }) => shape)).toEqual([[6, 2, 2, 1], [6, d], [6, 2, 2, 1], [4, d], [4], [4], [4]]);
      expect(valuesOf(original)).toEqual(valuesOf(images));
      expect(reconstruction.shape).toEqual([4, 2, 2, 1]);
      const curves = await model.diagnose(state, key);
      expect(Object.values(curves).map((curve) => curve.length)).toEqual([10, 10]);
      tf.dispose([made, original, reconstruction]);
    };
    await use();
    const count = tf.memory().numTensors;
    await use();
    expect(tf.memory().numTensors).toBe(count);
    expect(numbers(state)).toEqual(before);
  });

  it("samples any number in pieces, the same for the same key, and decodes the prior's latents", async () => {
    const model = tilted();
    const state = await model.init(random.key(1), example());
    const n = 1_203;
    const key = random.key("many");
    const latents = await model.sampleLatents(state, key, n);
    expect(latents.shape).toEqual([n, d]);
    expect(valuesOf(await model.sampleLatents(state, key, n))).toEqual(valuesOf(latents));
    // Every piece has noise of its own: no latent occurs twice.
    expect(new Set((latents.arraySync() as number[][]).map(String)).size).toBe(n);
    const decoded = valuesOf(generator.apply(state.params.generator, latents));
    expect(largestDifference(valuesOf(await model.sample(state, key, n)), decoded)).toBeLessThan(1e-5);
    await expect(model.sample(state, key, 0)).rejects.toThrow(ValidationError);
  });

  it("infers another latent for another observation, under the same noise", async () => {
    const model = tilted();
    const state = await model.init(random.key(1), example());
    const key = random.key("inference");
    const [x, other] = [imagesOf("x", 3), imagesOf("other", 3)];
    const [z, again, moved] = [
      await model.infer(state, x, key),
      await model.infer(state, x, key),
      await model.infer(state, other, key),
    ];
    expect(valuesOf(again)).toEqual(valuesOf(z));
    // Not by noise, which is shared: each latent moves, and only with its own observation.
    const mixed = await model.infer(state, tf.concat([tf.slice(x, 0, 2), tf.slice(other, 2, 1)]), key);
    const rows = (tensor: tf.Tensor): number[][] => tensor.arraySync() as number[][];
    for (let i = 0; i < 3; i++) {
      expect(largestDifference(rows(moved)[i]!, rows(z)[i]!)).toBeGreaterThan(1e-3);
      expect(largestDifference(rows(mixed)[i]!, rows(i === 2 ? moved : z)[i]!)).toBeLessThan(1e-6);
    }
  });

  it("takes batches of one and of changing size", async () => {
    const model = tilted();
    let state = await model.init(random.key(1), example());
    for (const n of [1, 5, 2]) {
      const { state: next, metrics } = await model.update(
        state,
        { images: imagesOf("batch", n) },
        { key: random.key(n), iteration: 0 },
      );
      expect(Object.values(metrics).every(Number.isFinite)).toBe(true);
      state = next;
    }
    expect((await model.score(state, { images: imagesOf("x", 1) }, random.key(0))).shape).toEqual([1]);
  });

  it("scores an observation by the energy of the joint density at its latent", async () => {
    const model = tilted();
    const state = await model.init(random.key(1), example());
    const [x, key] = [imagesOf("x", 4), random.key("score")];
    const z = await model.infer(state, x, key);
    const { params } = state;
    const joint = posteriorEnergy(
      priorEnergy((at) => energy.energy(params.energy!, at)),
      (at) => gaussian({ sigma: 0.3 }).logDensity(generator.apply(params.generator, at), x),
    );
    expect(relativeError(valuesOf(await model.score(state, { images: x }, key)), valuesOf(joint(z)))).toBeLessThan(
      1e-5,
    );
    const scores = await model.scores(state, { images: x }, key);
    expect(Object.keys(scores).sort()).toEqual(["reconstructionError", "score"]);
    expect(relativeError(valuesOf(scores["score"]!), valuesOf(joint(z)))).toBeLessThan(1e-5);
    const squares = tf.mean(tf.square(tf.sub(x, generator.apply(params.generator, z))), [1, 2, 3]);
    expect(relativeError(valuesOf(scores["reconstructionError"]!), valuesOf(squares))).toBeLessThan(1e-5);
  });

  it("without a tilt has the prior N(0, I) exactly and learns the generator alone", async () => {
    const model = twin();
    const state = await model.init(random.key(1), example());
    expect(state.params.energy).toBeUndefined();
    const n = 4_000;
    const { mean, covariance } = moments(await model.sampleLatents(state, random.key("exact"), n));
    // Nine bounds with a false-alarm rate of 1e-6 each. They do not exclude the chain's stationary
    // variance, 1.04. The last line does.
    mean.forEach((value) => expect(Math.abs(value)).toBeLessThan(sixSigma / Math.sqrt(n)));
    const identity = [1, 0, 0, 1, 0, 1];
    covariance.forEach((value, i) =>
      expect(Math.abs(value - identity[i]!)).toBeLessThan(sixSigma * Math.sqrt((1 + identity[i]!) / n)),
    );
    expect(valuesOf(await model.sampleReference(state, random.key("same"), 9))).toEqual(
      valuesOf(await model.sample(state, random.key("same"), 9)),
    );

    const { state: next, metrics } = await model.update(
      state,
      { images: imagesOf("x", 4) },
      { key: random.key(3), iteration: 0 },
    );
    expect(Object.keys(next.params)).toEqual(["generator"]);
    expect(metrics).not.toHaveProperty("energyGap");
    expect(numbers(next.params)).not.toEqual(numbers(state.params));
    expect((await model.score(next, { images: imagesOf("x", 2) }, random.key(0))).shape).toEqual([2]);
    expect(Object.keys(await model.diagnose(next, random.key(0)))).toHaveLength(2);
  });

  it("learns a tilt over a generator without parameters, such as g(z) = z", async () => {
    const model = latentPrior({
      ...settings,
      generator: { latentDimension: d, init: () => [], apply: (_: readonly never[], z: tf.Tensor) => z },
      energy,
      observe: (points: tf.Tensor) => points,
    });
    const points = random.normal(random.key("points"), [4, d]);
    const state = await model.init(random.key(1), points);
    const { state: next, metrics } = await model.update(state, points, { key: random.key(2), iteration: 0 });
    expect(metrics["reconstruction"]).toBeGreaterThan(0);
    expect(numbers(next.params.energy!)).not.toEqual(numbers(state.params.energy!));
  });
});

it("refuses settings out of range, by name", () => {
  expect(() => latentPrior({ ...settings, energy, prior: { steps: 0, stepSize: 0.4 } })).toThrow(/prior\.steps/);
  expect(() => latentPrior({ ...settings, energy, posterior: { steps: 2, stepSize: -1 } })).toThrow(
    /posterior\.stepSize/,
  );
});

it("says what it is", () => {
  expect(tilted().describe?.()).toBe("latent-space EBM prior, 3 latent dimensions");
  expect(twin().describe?.()).toBe("fixed Gaussian prior, 3 latent dimensions");
});
