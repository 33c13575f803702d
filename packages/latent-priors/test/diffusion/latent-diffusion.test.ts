/** The latent diffusion learner: phases, clusters, samples given symbols. */
import { gaussianRing, type LabelledPointBatch } from "@ergodic/data";
import { useEngine } from "@ergodic/engine";
import { conditionalResidualMlp } from "@ergodic/energies";
import { importanceLikelihood, kernelDensity } from "@ergodic/evaluation/likelihood";
import { gaussian, networkGenerator, normalInference } from "@ergodic/generators";
import { adam, mlp } from "@ergodic/nn";
import { random, tree, type TensorTree } from "@ergodic/tensor";
import { phaseAt } from "@ergodic/training";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { latentDiffusion, type LatentDiffusionOptions } from "../../src/index.js";

beforeAll(() => useEngine("onnx"));

const ring = gaussianRing({ count: 3, radius: 8, sd: 1 });
const source = ring.source({ size: 240 });

const made = (more: Partial<LatentDiffusionOptions<TensorTree, TensorTree, TensorTree, LabelledPointBatch>> = {}) => {
  const optimizer = adam({ learningRate: 2e-3 });
  return latentDiffusion<TensorTree, TensorTree, TensorTree, LabelledPointBatch>({
    generator: networkGenerator({
      latentDimension: 2,
      outputShape: [2],
      network: mlp({ in: 2, widths: [16], out: 2 }),
    }) as never,
    observation: gaussian({ sigma: 1 }),
    inference: normalInference({ dimension: 2, network: mlp({ in: 2, widths: [16], out: 4 }), floor: 0 }) as never,
    network: conditionalResidualMlp({ in: 2, out: 3, width: 8, blocks: 1 }) as never,
    symbols: 3,
    chain: { steps: 3 },
    labels: ({ labels }) => labels,
    optimizers: { generator: optimizer, inference: optimizer, energy: optimizer },
    observe: ({ points }) => points,
    ...more,
  });
};

const same = (a: TensorTree, b: TensorTree): boolean =>
  tree.leaves(a).every((leaf, i) => {
    const other = tree.leaves(b)[i]!.dataSync();
    return leaf.dataSync().every((value, at) => value === other[at]);
  });

it("learns in its phases: the energy is still in the first, and clusters come when they are due", async () => {
  const learner = made({ supervision: { data: source, every: 2 } });
  const batches = (await source.load()).batches({ batchSize: 16, key: random.key(0) });
  const phases = { autoencoder: 1, rise: 2, joint: 1 };
  let state = await learner.init(random.key(1), batches.at(0));
  const states = [state];
  for (let iteration = 0; iteration < 4; iteration++) {
    const context = { key: random.key(iteration), iteration, phase: phaseAt(phases, iteration)! };
    const next = await learner.update(state, batches.at(iteration), context);
    expect(Object.values(next.metrics).every(Number.isFinite)).toBe(true);
    expect("contrast" in next.metrics).toBe(iteration > 0);
    state = next.state;
    states.push(state);
  }
  const [first, second, third, fourth, last] = states;
  expect(same(first!.params.energy, second!.params.energy)).toBe(true);
  expect(same(second!.params.energy, third!.params.energy)).toBe(false);
  expect(same(first!.clusters!, second!.clusters!)).toBe(true);
  expect(same(second!.clusters!, third!.clusters!)).toBe(false);
  expect(same(third!.clusters!, fourth!.clusters!)).toBe(true);
  // The last phase begins with a clustering.
  expect(same(fourth!.clusters!, last!.clusters!)).toBe(false);
  expect(same(third!.clusters!.inference, second!.params.inference)).toBe(true);
  // At the start of the rise the divergence has weight 0.
  await learner.dispose?.();
});

it("samples latents, points and symbols, the same for one key", async () => {
  const learner = made({ supervision: "labels", symbolLevels: "all" });
  const batch = (await source.load()).batches({ batchSize: 8, key: random.key(0) }).at(0);
  const state = await learner.init(random.key(1), batch);
  const key = random.key(2);
  const z = await learner.sampleLatents(state, key, 5);
  expect(z.shape).toEqual([5, 2]);
  const [again, given] = [
    await learner.sampleLatents(state, key, 5),
    await learner.sampleLatents(state, key, 5, { symbol: 1 }),
  ];
  expect(same(z, again)).toBe(true);
  expect(same(z, given)).toBe(false);
  const all = (await learner.sampleClass!(state, 1, key, 5)) as tf.Tensor;
  expect(all.shape).toEqual([5, 2]);
  await expect(learner.sampleClass!(state, 3, key, 5)).rejects.toThrow("symbol is 3");
  const { original, reconstruction } = await learner.reconstruct(state, batch, key);
  expect([original.shape, reconstruction.shape]).toEqual([
    [8, 2],
    [8, 2],
  ]);
  const found = learner.chains!(state, batch);
  expect(Object.keys(found)).toEqual([0, 1, 2, 3, 4, 5].map((t) => `level ${t}`));
  for (const { start, kernel, energy, observe } of Object.values(found)) {
    const began = kernel.init(start(key, 4));
    const [{ position }] = kernel.step(began, key);
    expect(energy(position).shape).toEqual([4]);
    if (observe) expect((observe(position) as tf.Tensor).shape).toEqual([4, 2]);
  }
  const panels = await learner.panels!(state, batch, key, 6);
  expect(panels.map(({ title, points, colours }) => [title, points.shape[0], colours!.size])).toEqual([
    ["data", 8, 8],
    ["latents of the data", 8, 8],
    ["latents of the model", 6, 6],
    ["samples", 6, 6],
  ]);
  const { logProbabilities, labels } = await learner.classify!(state, batch);
  expect([...tf.sum(tf.exp(logProbabilities), 1).dataSync()].every((sum) => Math.abs(sum - 1) < 1e-5)).toBe(true);
  expect(labels.shape).toEqual([8]);
  expect(made({ supervision: undefined }).classify).toBeUndefined();
  await learner.dispose?.();
});

it("labelled examples have batches of their own: no label of another batch is read", async () => {
  const labelled = { load: async () => await ring.source({ size: 12, seed: "labelled" }).load() };
  const learner = made({ supervision: { labelled, batchSize: 100 } });
  const batch = (await source.load()).batches({ batchSize: 16, key: random.key(0) }).at(0);
  const state = await learner.init(random.key(1), batch);
  const context = { key: random.key(2), iteration: 0 };
  const next = await learner.update(state, batch, context);
  const wrong = await learner.update(state, { ...batch, labels: tf.fill([16], -1, "int32") as tf.Tensor1D }, context);
  expect(same(next.state, wrong.state)).toBe(true);
  // The metric is the surprise of the labels at posterior means before the update.
  const known = (await labelled.load()).batches({ batchSize: 12, key: random.key("labelled") }).at(0);
  const { logProbabilities } = await learner.classify!(state, known);
  const [labels, logs] = [known.labels.dataSync(), logProbabilities.arraySync()];
  const surprise = logs.reduce((sum, row, i) => sum - row[labels[i]!]!, 0) / 12;
  expect(next.metrics["symbols"]).toBeCloseTo(surprise, 4);
  const unsupervised = await made({ supervision: undefined }).update(state, batch, context);
  expect(same(next.state.params.inference, unsupervised.state.params.inference)).toBe(false);
  await learner.dispose?.();
});

it("a model in context samples the replies of a batch, and alone those of random examples", async () => {
  type Told = LabelledPointBatch & { readonly side: tf.Tensor };
  const data = await source.load();
  const told = (batch: LabelledPointBatch): Told => ({ ...batch, side: tf.slice(batch.points, [0, 0], [-1, 1]) });
  const taken: number[] = [];
  const [encoder, reader] = [mlp({ in: 1, widths: [4], out: 2 }), mlp({ in: 2, widths: [8], out: 2 })];
  const law = gaussian({ sigma: 1 });
  const optimizer = adam({ learningRate: 1e-2 });
  type Seen = { readonly points: tf.Tensor; readonly side: tf.Tensor };
  const learner = latentDiffusion<TensorTree, TensorTree, TensorTree, Told, Seen, tf.Tensor>({
    generator: mlp({ in: 3, widths: [16], out: 2 }) as never,
    observation: {
      logDensity: (y, { points }) => law.logDensity(y, points),
      decode: (y) => ({ points: y, side: tf.slice(y, [0, 0], [-1, 1]) }),
      sample: (y) => ({ points: y, side: tf.slice(y, [0, 0], [-1, 1]) }),
      error: (y, { points }) => law.error(y, points),
      show: ({ points }) => points,
    },
    inference: normalInference<TensorTree, Seen>({
      dimension: 1,
      network: {
        init: (key) => reader.init(key),
        apply: (p, { points }) => reader.apply(p as readonly TensorTree[], points),
      },
      floor: 0,
    }),
    network: conditionalResidualMlp({ in: 1, out: 2, context: 2, width: 8, blocks: 1 }) as never,
    symbols: 2,
    chain: { steps: 3 },
    context: {
      network: {
        init: (key) => encoder.init(key),
        apply: (p, { side }) => encoder.apply(p as readonly TensorTree[], side),
      },
      optimizer,
      data: {
        load: () =>
          Promise.resolve({
            size: data.size,
            take(indices) {
              taken.push(indices.length);
              return told(data.take(indices));
            },
          }),
      },
    },
    optimizers: { generator: optimizer, inference: optimizer, energy: optimizer },
    observe: ({ points, side }) => ({ points, side }),
  });
  const batches = data.batches({ batchSize: 32, key: random.key(0) });
  let state = await learner.init(random.key(1), told(batches.at(0)));
  const first = state;
  for (let iteration = 0; iteration < 60; iteration++)
    ({ state } = await learner.update(state, told(batches.at(iteration)), { key: random.key(iteration), iteration }));
  expect(same(first.params.context!, state.params.context!)).toBe(false);
  const batch = told(batches.at(99));
  const given = (await learner.sampleGiven!(state, batch, random.key(3))) as Seen;
  expect(given.points.shape).toEqual([32, 2]);
  // The context is the first coordinate, so samples have nearly the same one.
  const errorOf = (points: tf.Tensor): number =>
    tf.mean(tf.square(tf.sub(tf.slice(points, [0, 0], [-1, 1]), batch.side))).dataSync()[0]!;
  const alone = (await learner.sample(state, random.key(3), 32)).points;
  expect(taken).toEqual([32]);
  expect(errorOf(given.points)).toBeLessThan(0.3 * errorOf(alone));
  expect(learner.latents).toBeUndefined();
  const level = learner.chains!(state, batch)["level 0"]!;
  const [{ position }] = level.kernel.step(level.kernel.init(level.start(random.key(0), 3)), random.key(1));
  expect(level.energy(position).shape).toEqual([3]);
  expect((level.show!(level.observe!(position)) as tf.Tensor).shape).toEqual([3, 2]);
  await learner.dispose?.();
});

it("its likelihood is that of the smoothed draws of the prior, as a sum over other draws of them", async () => {
  // q is N(0, 6²) for every x, as wide as the prior of a fresh model.
  const output = [[0, 0, Math.log(6), Math.log(6)]];
  const wide = {
    init: () => [],
    apply: (_: TensorTree, x: tf.Tensor) => tf.tile(tf.tensor2d(output), [x.shape[0]!, 1]),
  };
  const [sigma, samples] = [3, 400];
  const learner = made({
    inference: normalInference({ dimension: 2, network: wide, floor: 0 }),
    observation: gaussian({ sigma }),
  });
  const batch = (await source.load()).batches({ batchSize: 4, key: random.key(0) }).at(0);
  const state = await learner.init(random.key(1), batch);
  const logWeights = await learner.likelihood!.logWeights(state, batch, random.key(2), samples);
  const { logLikelihoods, effectiveSamples } = importanceLikelihood(logWeights, samples);
  // The same mean over the kernels without inference: log p(x) = log E_p(z) p(x | z).
  const key = random.key("draws of the prior");
  const points = await (await learner.sampleLatents(state, key, 2_500)).data<"float32">();
  const law = kernelDensity(points.slice(0, 4_000), points.slice(4_000), 2);
  const n = 20_000;
  const decoded = (await learner.latents!.decode(state, tf.tensor2d(law.draw(random.key(3), n), [n, 2]))) as tf.Tensor;
  const rows = batch.points.arraySync();
  rows.forEach((row, i) => {
    const squares = tf.sum(tf.square(tf.sub(decoded, tf.tensor2d([row]))), 1);
    const densities = tf.div(tf.exp(tf.div(squares, -2 * sigma ** 2)), 2 * Math.PI * sigma ** 2).dataSync<"float32">();
    const mean = densities.reduce((sum, density) => sum + density, 0) / n;
    const spread = Math.sqrt(densities.reduce((sum, density) => sum + (density - mean) ** 2, 0) / n / n);
    // Five standard errors of both estimates: a false alarm in 1e6.
    const error = spread / mean + Math.sqrt(1 / effectiveSamples[i]!);
    expect(Math.abs(logLikelihoods[i]! - Math.log(mean))).toBeLessThan(5 * error);
    expect(error).toBeLessThan(0.4);
  });
  await learner.dispose?.();
});
