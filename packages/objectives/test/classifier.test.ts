/** A classifier as an energy: identities, learning on four Gaussians, and samples of one class. */
import { grad, useEngine } from "@ergodic/engine";
import { fourGaussians, subset } from "@ergodic/data";
import { probabilityScores } from "@ergodic/evaluation/classification";
import { activation, adam, crossEntropy, dense, sequential, sgd } from "@ergodic/nn";
import { langevin, replayBuffer, type Energy } from "@ergodic/samplers";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import {
  classifierEnergy,
  classifierLearner,
  noDensity,
  ofClass,
  persistentContrastive,
  type ClassifierEnergy,
} from "../src/index.js";

beforeAll(() => useEngine("onnx"));

const classes = 4;
const network = () =>
  sequential<readonly TensorTree[]>(
    dense({ in: 2, out: 64 }),
    activation("swish"),
    dense({ in: 64, out: 64 }),
    activation("swish"),
    dense({ in: 64, out: classes }),
  );
const model = classifierEnergy(network(), { classes });
const start = (key: Key, n: number) => random.uniform(key, [n, 2], { low: -3, high: 3 });
const kernel = (energy: Energy) => langevin({ energy, stepSize: 0.15 });

const learner = () =>
  classifierLearner({
    model,
    objective: persistentContrastive({ kernel, steps: 10, buffer: replayBuffer({ size: 500, start }), penalty: 0.01 }),
    optimizer: adam({ learningRate: 3e-3 }),
    observe: (batch: { readonly points: tf.Tensor; readonly labels: tf.Tensor1D }) => batch.points,
    labels: (batch) => batch.labels,
  });

describe("the energies of a classifier", () => {
  it("are -log Σ exp f, and E(x; y) - E(x) = -log p(y | x)", () => {
    const params = model.init(random.key(0));
    const x = random.normal(random.key(1), [5, 2]);
    const logits = model.logits(params, x).arraySync();
    const total = logits.map((row) => Math.log(row.reduce((sum, f) => sum + Math.exp(f), 0)));
    const labels = [0, 1, 2, 3, 1];
    const energies = model.energy(params, x).dataSync();
    const given = ofClass(model).energy(params, x, tf.tensor1d(labels, "int32")).dataSync();
    total.forEach((value, i) => {
      expect(energies[i]).toBeCloseTo(-value, 5);
      expect(given[i]! - energies[i]!).toBeCloseTo(value - logits[i]![labels[i]!]!, 5);
    });
    const loss = crossEntropy(model.logits(params, x), tf.tensor1d(labels, "int32")).dataSync()[0]!;
    const mean = total.reduce((sum, value, i) => sum + value - logits[i]![labels[i]!]!, 0) / labels.length;
    expect(loss).toBeCloseTo(mean, 5);
  });

  it("refuse a network with another number of outputs", () => {
    const wrong = classifierEnergy(network(), { classes: 3 });
    expect(() => wrong.energy(wrong.init(random.key(0)), tf.zeros([2, 2]))).toThrow("[batch, 3]");
  });
});

it("learns classes and density of four Gaussians, and samples one class", async () => {
  const points = await fourGaussians().source({ size: 6_096 }).load();
  const numbered = (from: number, to: number) => Int32Array.from({ length: to - from }, (_, i) => from + i);
  const data = subset(points, numbered(0, 4_096)).batches({ batchSize: 128, key: random.key("order") });
  const jem = learner();
  let state = await jem.init(random.key("start"), data.at(0));
  for (let iteration = 0; iteration < 250; iteration += 1) {
    const key = random.fold(random.key("updates"), iteration);
    ({ state } = await jem.update(state, data.at(iteration), { key, iteration }));
  }
  const test = points.take(numbered(4_096, 6_096));
  const classified = await jem.classify(state, test);
  const labels = [...classified.labels.dataSync()];
  const logs = classified.logProbabilities.dataSync() as Float32Array;
  const { accuracy, ece } = probabilityScores(logs, labels, { classes });
  expect(accuracy).toBeGreaterThan(0.98);
  expect(ece).toBeLessThan(0.05);

  const centre = async (label: number) => {
    const samples = (await jem.sampleClass!(state, label, random.key(label), 200)) as tf.Tensor;
    return [...tf.mean(samples, 0).dataSync()];
  };
  const means = [0, 1, 2, 3].map((label) => {
    const own = test.points.arraySync() as number[][];
    const members = own.filter((_, i) => labels[i] === label);
    return [0, 1].map((d) => members.reduce((sum, point) => sum + point[d]!, 0) / members.length);
  });
  for (const label of [0, 1, 2, 3]) {
    const [x, y] = await centre(label);
    expect(Math.sign(x!)).toBe(Math.sign(means[label]![0]!));
    expect(Math.sign(y!)).toBe(Math.sign(means[label]![1]!));
  }
  expect((await jem.sample!(state, random.key(9), 10)).shape).toEqual([10, 2]);
  await expect(jem.sampleClass!(state, 4, random.key(0), 1)).rejects.toThrow("class is 4");
  await jem.dispose?.();
});

it("starts samples of a class at kept positions of that class", async () => {
  // Two normal classes at ±1 that overlap, as a model without parameters.
  const logits = (_: TensorTree, x: tf.Tensor) => tf.mul(-0.5, tf.square(tf.sub(x, [[-1, 1]]))) as tf.Tensor2D;
  const overlapping: ClassifierEnergy<Record<string, tf.Tensor>> = {
    classes: 2,
    init: () => ({ none: tf.zeros([1]) }),
    logits,
    energy: (params, x) => tf.neg(tf.logSumExp(logits(params, x), 1)) as tf.Tensor1D,
  };
  const draws = (key: Key, n: number) => {
    const [sideKey, noiseKey] = random.split(key) as [Key, Key];
    const sides = tf.sub(tf.mul(2, tf.cast(random.integers(sideKey, [n, 1], { high: 2 }), "float32")), 1);
    return tf.add(sides, random.normal(noiseKey, [n, 1]));
  };
  const pool = draws(random.key("pool"), 8_000);
  const given = classifierLearner({
    model: overlapping,
    objective: noDensity,
    optimizer: adam({ learningRate: 1e-3 }),
    observe: (batch: { readonly x: tf.Tensor; readonly labels: tf.Tensor1D }) => batch.x,
    labels: (batch) => batch.labels,
    // A step that hardly moves: the samples are the starts.
    sampling: {
      kernel: (energy: Energy) => langevin({ energy, stepSize: 1e-3 }),
      ...{ steps: 1, fresh: draws, kept: { count: 8_000, at: (_: TensorTree, places) => tf.gather(pool, places) } },
    },
  });
  const state = await given.init(random.key(0), { x: tf.zeros([1, 1]), labels: tf.tensor1d([0], "int32") });
  for (const label of [0, 1]) {
    const { mean, variance } = tf.moments(
      (await given.sampleClass!(state, label, random.key(label), 2_000)) as tf.Tensor,
    );
    // Standard errors are 0.045 and 0.06: the false-alarm rate is below 1e-4.
    expect(Math.abs(mean.dataSync()[0]! - (2 * label - 1))).toBeLessThan(0.25);
    expect(Math.abs(variance.dataSync()[0]! - 1)).toBeLessThan(0.2);
  }
  await given.dispose?.();
});

it("alone, without a density, has no samples and the gradient of its cross-entropy", async () => {
  const alone = classifierLearner({
    ...{ model, objective: noDensity, optimizer: sgd({ learningRate: 1 }) },
    observe: (batch: { readonly points: tf.Tensor; readonly labels: tf.Tensor1D }) => batch.points,
    labels: (batch) => batch.labels,
  });
  expect([alone.sample, alone.sampleClass, alone.chains]).toEqual([undefined, undefined, undefined]);
  const batch = { points: random.normal(random.key(1), [6, 2]), labels: tf.tensor1d([0, 1, 2, 3, 0, 1], "int32") };
  const state = await alone.init(random.key(2), batch);
  const slope = grad((params: readonly TensorTree[]) => crossEntropy(model.logits(params, batch.points), batch.labels));
  const expected = tree.zip((p, g) => tf.sub(p, g), state.params, slope(state.params)) as TensorTree;
  const next = await alone.update(state, batch, { key: random.key(3), iteration: 0 });
  const values = (params: TensorTree) => tree.leaves(params).flatMap((leaf) => [...leaf.dataSync()]);
  const moved = values(next.state.params);
  values(expected).forEach((value, i) => expect(moved[i]).toBeCloseTo(value, 5));
  expect(Object.keys(next.metrics)).toEqual(expect.arrayContaining(["accuracy", "crossEntropy"]));
  await alone.dispose?.();
});

it("asks for labels where a batch has none", async () => {
  const jem = classifierLearner({
    model,
    objective: persistentContrastive({ kernel, steps: 1, buffer: replayBuffer({ size: 8, start }) }),
    optimizer: adam({ learningRate: 1e-3 }),
    observe: (batch: { readonly points: tf.Tensor; readonly labels?: tf.Tensor1D }) => batch.points,
    labels: (batch) => batch.labels as tf.Tensor1D,
  });
  const batch = { points: tf.zeros([4, 2]) };
  const state = await jem.init(random.key(0), batch);
  await expect(jem.update(state, batch, { key: random.key(1), iteration: 0 })).rejects.toThrow("labels");
});
