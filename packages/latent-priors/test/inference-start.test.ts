/**
 * Posterior chains that start from an inference model, by exact algebra: the model of
 * `hierarchy.ts`.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, useEngine } from "@ergodic/engine";
import { gaussian, type InferenceModel } from "@ergodic/generators";
import { sgd } from "@ergodic/nn";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import { latentChains, latentPrior, resolveOptions } from "../src/index.js";
import { expectLaw, fromLaw, generator, hierarchy, quadraticForm, tilt, values, type Layers } from "./hierarchy.js";
import { enginesOnThisMachine, largestDifference, valuesOf } from "./support.js";

/** q(z | x): independent normals with the means m + x and a standard deviation of ½. */
const inference: InferenceModel<{ m: tf.Tensor }, tf.Tensor, Layers> = {
  init: () => ({ m: tf.scalar(0.3) }),
  draw({ m }, x, key) {
    const [bottomKey, topKey] = random.split(key, 2) as [Key, Key];
    const place = (noise: Key): tf.Tensor => tf.add(tf.add(m, x), random.normal(noise, x.shape, { sd: 0.5 }));
    return { bottom: place(bottomKey), top: place(topKey) };
  },
  energy({ m }, { bottom, top }, x) {
    const rest = (z: tf.Tensor): tf.Tensor => tf.mul(2, tf.square(tf.sub(z, tf.add(m, x))));
    return tf.squeeze(tf.add(rest(bottom), rest(top)), [1]);
  },
};
const rate = sgd({ learningRate: 1 });
const posterior = { steps: 6, stepSize: 0.1 };
const settings = {
  generator,
  latents: hierarchy,
  energy: tilt,
  inference,
  optimizers: { generator: rate, energy: rate, latents: rate, inference: rate },
  observation: gaussian({ sigma: Math.sqrt(values.v) }),
  prior: { steps: 2, stepSize: 0.4 },
  posterior,
  observe: (x: tf.Tensor) => x,
};
const chains = latentChains(resolveOptions(settings));
const observed = (n: number): tf.Tensor2D => tf.fill([n, 1], values.x);

describe.each(enginesOnThisMachine)("posterior chains from an inference model on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it("have the exact law of their steps from q(z | x)", async () => {
    const n = engine === "cpu" ? 4_000 : 20_000;
    const { params } = await latentPrior(settings).init(random.key(0), observed(1));
    const sample = compile((p: typeof params, x: tf.Tensor, key: Key) => chains.samplePosterior(p, x, key));
    const { bottom, top } = await sample(params, observed(n), random.key("from q"));
    const start = 0.3 + values.x;
    const law = { mean: [start, start], covariance: [0.25, 0, 0.25] } as const;
    expectLaw(
      tf.concat([bottom, top], 1),
      fromLaw(law, quadraticForm("posterior"), posterior.steps, posterior.stepSize),
    );
  });

  it("pull q along the derivative of -log q at their ends, and no other part", async () => {
    const model = latentPrior(settings);
    const [x, key] = [observed(12), random.key("one update")];
    const state = await model.init(random.key(0), x);
    const { bottom, top } = await model.infer(state, x, random.split(key, 2)[0]!);
    const mean = (z: tf.Tensor): number => valuesOf(tf.mean(z))[0]!;
    const { state: next, metrics } = await model.update(state, x, { key, iteration: 0 });
    const m = (of: typeof state): number => valuesOf((of.params.inference as { m: tf.Tensor }).m)[0]!;
    // d/dm of mean 2|z - m - x|² over both layers.
    const expected = 4 * (2 * (0.3 + values.x) - mean(bottom) - mean(top));
    expect(m(state) - m(next)).toBeCloseTo(expected, 4);
    expect(metrics["inferenceEnergy"]).toBeGreaterThan(0);
    await model.dispose!();
  });

  it("change no other part's update but through where they start", async () => {
    // With q = N(0, I) the chains start as they do without an inference model.
    const standard: InferenceModel<TensorTree, tf.Tensor, Layers> = {
      init: () => ({ unused: tf.scalar(0) }),
      draw: (_, x, key) => hierarchy.start(key, x.shape[0]!),
      energy: (params, _, x) => tf.mul((params as { unused: tf.Tensor }).unused, tf.squeeze(x, [1])),
    };
    const { inference: _, ...plain } = settings;
    const [x, key] = [observed(8), random.key("same")];
    const [one, other] = [latentPrior({ ...settings, inference: standard }), latentPrior(plain)];
    const moved = async (model: typeof other): Promise<number[]> => {
      const state = await model.init(random.key(0), x);
      const { state: next } = await model.update(state, x, { key, iteration: 0 });
      const { generator: g, energy, latents } = next.params;
      return tree.leaves([g, energy!, latents!] as TensorTree).flatMap(valuesOf);
    };
    expect(largestDifference(await moved(one), await moved(other))).toBeLessThan(1e-6);
  });
});

it("refuses an inference model without an optimiser", () => {
  const { inference: _, ...without } = settings.optimizers;
  expect(() => resolveOptions({ ...settings, optimizers: without })).toThrow(/optimizers\.inference/);
});
