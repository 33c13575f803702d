/** The presets of JEM: one iteration, answers and samples of classes; the same network alone. */
import type { LabelledImageBatch, LabelledPointBatch } from "@ergodic/data";
import { useEngine } from "@ergodic/engine";
import type { ClassifierLearner } from "@ergodic/objectives";
import { random, type TensorTree } from "@ergodic/tensor";
import type { Experiment } from "@ergodic/training";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import mnist from "../src/presets/ebm/jem-mnist.js";
import toy from "../src/presets/toy/jem.js";

beforeAll(() => useEngine("onnx"));

type Batch = LabelledPointBatch & LabelledImageBatch;
type Learner = ClassifierLearner<TensorTree, TensorTree, Batch>;

describe.each([
  ["toy/jem", toy as unknown as Experiment, { examples: 16 }, 4, [2]],
  [
    "ebm/jem-mnist",
    mnist as unknown as Experiment,
    { widths: [2, 2, 2], steps: 2, samplingSteps: 2, buffer: 8 },
    10,
    [28, 28, 1],
  ],
] as const)("%s", (_, experiment, small, classes, shape) => {
  const learnerOf = (options: Record<string, unknown>) =>
    experiment.model(experiment.options.parse({ ...small, ...options }), experiment.training) as unknown as Learner;
  const batch = async () => {
    const data = await experiment.data(experiment.options.parse(small)).load();
    return data.batches({ batchSize: 8, key: random.key(3) }).at(0) as Batch;
  };

  it("learns an iteration, classifies, and samples every class", async () => {
    const learner = learnerOf({});
    const examples = await batch();
    const begun = await learner.init(random.key(0), examples);
    const { state, metrics } = await learner.update(begun, examples, { key: random.key(1), iteration: 0 });
    expect(metrics["skipped"]).toBe(0);
    expect(metrics["crossEntropy"]).toBeCloseTo(Math.log(classes), 0);
    expect(Object.keys(metrics)).toEqual(expect.arrayContaining(["energyGap", "bufferAge", "accuracy"]));
    const { logProbabilities } = await learner.classify(state, examples);
    const sums = tf.sum(tf.exp(logProbabilities), 1).dataSync();
    sums.forEach((sum) => expect(sum).toBeCloseTo(1, 5));
    const samples = (await learner.sampleClass!(state, classes - 1, random.key(2), 2)) as tf.Tensor;
    expect(samples.shape).toEqual([2, ...shape]);
    await learner.dispose?.();
  });

  it("is a classifier alone without a density", async () => {
    const learner = learnerOf({ density: false });
    const examples = await batch();
    const begun = await learner.init(random.key(0), examples);
    const { metrics } = await learner.update(begun, examples, { key: random.key(1), iteration: 0 });
    expect(Object.keys(metrics).sort()).toEqual(["accuracy", "crossEntropy", "gradientNorm", "skipped"]);
    expect(learner.sampleClass).toBeUndefined();
    await learner.dispose?.();
  });
});
