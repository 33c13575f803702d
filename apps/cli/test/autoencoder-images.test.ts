/** The baseline of anomaly scores: an autoencoder of pictures. */
import { useEngine } from "@ergodic/engine";
import { random, tree, type TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import preset from "../src/presets/autoencoder/images.js";

beforeAll(() => useEngine("onnx"));

it.each([32, 64] as const)("learns images of %i pixels, and scores them by their squared error", async (size) => {
  const options = preset.options.parse({ from: "pictures", size, features: 2, latentDimension: 4, learningRate: 0.01 });
  const learner = preset.model(options, preset.training);
  const images = random.uniform(random.key("images"), [4, size, size, 3], { low: -1, high: 0 });
  let state = await learner.init(random.key(0), { images });
  const errors: number[] = [];
  for (let iteration = 0; iteration < 20; iteration++) {
    const next = await learner.update(state, { images }, { key: random.key(iteration), iteration });
    tree.dispose(state as unknown as TensorTree);
    state = next.state;
    errors.push(next.metrics["reconstruction"]!);
  }
  expect(errors.at(-1)).toBeLessThan(0.8 * errors[0]!);
  const { original, reconstruction } = await learner.reconstruct!(state, { images }, random.key(1));
  const squares = tf.sum(tf.square(tf.sub(original as tf.Tensor, reconstruction as tf.Tensor)), [1, 2, 3]).dataSync();
  const scores = (await learner.score!(state, { images }, random.key(2))).dataSync();
  scores.forEach((score, i) => expect(score / squares[i]!).toBeCloseTo(1, 5));
  await learner.dispose!();
});
