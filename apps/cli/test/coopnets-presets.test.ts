/**
 * The presets of cooperative networks: one iteration, samples before and after the chain, sizes.
 */
import type { CoopNetsLearner } from "@ergodic/cooperative";
import { useEngine } from "@ergodic/engine";
import { random, tree, type TensorTree } from "@ergodic/tensor";
import type { Experiment } from "@ergodic/training";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import mnist from "../src/presets/coopnets/mnist.js";
import ring from "../src/presets/coopnets/toy-ring.js";

beforeAll(() => useEngine("onnx"));

type Learner = CoopNetsLearner<TensorTree, TensorTree, TensorTree>;

describe.each([
  ["coopnets/toy-ring", ring as unknown as Experiment, { examples: 16, steps: 2 }, [2]],
  ["coopnets/mnist", mnist as unknown as Experiment, { energyWidth: 2, generatorWidth: 2, steps: 2 }, [28, 28, 1]],
] as const)("%s", (name, experiment, small, shape) => {
  it("learns an iteration, and makes raw and refined samples", async () => {
    const options = experiment.options.parse(small);
    const learner = experiment.model(options, experiment.training) as unknown as Learner;
    const data = await experiment.data(options).load();
    const batch = data.batches({ batchSize: 8, key: random.key(0) }).at(0) as TensorTree;
    const begun = await learner.init(random.key(1), batch);
    const { state, metrics } = await learner.update(begun, batch, { key: random.key(2), iteration: 0 });
    expect(metrics["skipped"]).toBe(0);
    expect(Object.keys(metrics)).toEqual(expect.arrayContaining(["energyGap", "displacement", "teaching"]));
    for (const sample of [learner.sample.bind(learner), learner.sampleReference.bind(learner)]) {
      const samples = await sample(state, random.key(3), 4);
      expect(samples.shape).toEqual([4, ...shape]);
      expect(tf.all(tf.isFinite(samples)).dataSync()[0]).toBe(1);
    }
    expect(experiment.name).toBe(name);
    await learner.dispose?.();
  });
});

it("coopnets/mnist has the networks of the paper's code at its widths", async () => {
  const options = mnist.options.parse({ energyWidth: 64, generatorWidth: 128 });
  const { params } = await mnist.model(options, mnist.training).init(random.key(0), undefined as never);
  const count = (part: TensorTree): number => tree.sizeOf(part);
  const energy = 16 * 64 + 64 + 16 * 64 * 128 + 128 + 16 * 128 * 256 + 256 + 4 * 4 * 256 + 1;
  expect(count(params.energy)).toBe(energy);
  // Batch normalisation has two trained and two fixed numbers a channel.
  const norms = 4 * (512 + 256 + 128);
  const maps = [16 * 100 * 512 + 512, 9 * 512 * 256 + 256, 16 * 256 * 128 + 128, 16 * 128 + 1];
  expect(count(params.generator)).toBe(maps.reduce((sum, map) => sum + map, norms));
});
