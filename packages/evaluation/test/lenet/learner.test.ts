import { useEngine } from "@ergodic/engine";
import { adam } from "@ergodic/nn";
import { random, tree, type TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { probabilityScores } from "../../src/entries/classification.js";
import { lenetLearner } from "../../src/entries/networks.js";
import { digits } from "./digits.js";

beforeAll(() => useEngine("onnx"));

it("learns a few hundred digits by heart, from chance, and is the same for the same keys", async () => {
  const { pixels, labels } = await digits("train", 100);
  const batch = {
    images: tf.tensor4d(
      Float32Array.from(pixels, (byte) => byte / 127.5 - 1),
      [100, 28, 28, 1],
    ),
    labels: tf.tensor1d([...labels], "int32"),
  };
  const learner = lenetLearner({
    optimizer: adam({ learningRate: 2e-3 }),
    distortion: { stretch: 0.05, shift: 0.5, slant: 0.05 },
  });
  let state = await learner.init(random.key(0), batch);
  expect(tree.sizeOf(state.params as unknown as TensorTree)).toBe(132_704);
  const first = await learner.update(state, batch, { key: random.key(1), iteration: 0 });
  expect(Math.abs(first.metrics["loss"]! - Math.log(10))).toBeLessThan(0.1);
  const again = await learner.update(state, batch, { key: random.key(1), iteration: 0 });
  expect(again.metrics).toEqual(first.metrics);
  let metrics = first.metrics;
  for (let i = 0; i < 60; i++)
    ({ state, metrics } = await learner.update(state, batch, { key: random.key(i), iteration: i }));
  expect(metrics["accuracy"]).toBeGreaterThan(0.95);
  const { logProbabilities } = await learner.classify!(state, batch);
  const logs = logProbabilities.dataSync() as Float32Array;
  expect(probabilityScores(logs, labels, { classes: 10 }).accuracy).toBeGreaterThan(0.95);
});
