/** A classifier as an energy: identities, learning on four Gaussians, and samples of one class. */
import { useEngine } from "@ergodic/engine";
import { fourGaussians, subset } from "@ergodic/data";
import { activation, adam, crossEntropy, dense, sequential } from "@ergodic/nn";
import { langevin, replayBuffer, type Energy } from "@ergodic/samplers";
import { random, type Key, type TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { classifierEnergy, classifierLearner, ofClass, persistentContrastive } from "../src/index.js";

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
  const probabilities = await jem.classify(state, test);
  const labels = [...test.labels.dataSync()];
  const rows = probabilities.arraySync();
  const right = rows.map((row, i) => row.indexOf(Math.max(...row)) === labels[i]);
  expect(right.filter(Boolean).length / right.length).toBeGreaterThan(0.98);
  // The mean confidence is the share of right answers, for classes that hardly overlap.
  const confidence = rows.reduce((sum, row) => sum + Math.max(...row), 0) / rows.length;
  expect(Math.abs(confidence - right.filter(Boolean).length / right.length)).toBeLessThan(0.05);

  const centre = async (label: number) => {
    const samples = await jem.sampleClass(state, label, random.key(label), 200);
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
  await expect(async () => jem.sampleClass(state, 4, random.key(0), 1)).rejects.toThrow("label");
  await jem.dispose?.();
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
