/**
 * Digits after the learned prior's chain are nearer to real ones than digits of a Gaussian twin.
 *
 * The distance is the Fréchet distance to the 10,000 test digits over 32 principal components of
 * 20,000 training digits. That of real digits to real ones is 0.98. An independent implementation
 * of these 600 updates reached 10.1 after the chain, against 23.1 and 19.8 for the twin, with a
 * test error of .067.
 */
import type * as tf from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import { type ImageBatch } from "@ergodic/data";
import { mnist } from "@ergodic/data/node";
import { useEngine } from "@ergodic/engine";
import { mlpEnergy } from "@ergodic/energies";
import { frechetInPrincipalSpace, meanSquaredError, principalComponents } from "@ergodic/evaluation";
import { mlpDecoder } from "@ergodic/generators";
import { adam } from "@ergodic/nn";
import { random, tree } from "@ergodic/tensor";
import { latentPrior } from "../src/index.js";

const epochs = 6;
const lastUpdates = 100;
const latentDimension = 16;

/** A trained model's samples and test error, and its metrics averaged over the last epoch. */
async function trained(tilted: boolean) {
  const data = await mnist({ split: "train", limit: 10_000 }).load();
  const batches = data.batches({ batchSize: 100, key: random.key("batches") });
  const model = latentPrior({
    generator: mlpDecoder({ latentDimension, widths: [128, 256], outputShape: [28, 28, 1] }),
    energy: tilted ? mlpEnergy({ in: latentDimension, widths: [64, 64] }) : undefined,
    optimizers: {
      generator: adam({ learningRate: 1e-3, beta1: 0.5 }),
      energy: adam({ learningRate: 5e-4, beta1: 0.5 }),
    },
    observe: (batch: ImageBatch): tf.Tensor => batch.images,
  });
  const example = batches.at(0);
  let state = await model.init(random.key("generation"), example);
  const last: Record<string, number> = {};
  const updates = epochs * batches.perEpoch;
  for (let i = 0; i < updates; i++) {
    const batch = batches.at(i);
    const next = await model.update(state, batch, { key: random.fold(random.key("noise"), i), iteration: i });
    tree.dispose([state, batch]);
    state = next.state;
    if (i < updates - lastUpdates) continue;
    for (const [name, value] of Object.entries(next.metrics)) last[name] = (last[name] ?? 0) + value / lastUpdates;
  }
  const test = (await mnist({ split: "test", limit: 2_000 }).load()).batches({
    batchSize: 500,
    key: random.key("test"),
  });
  let error = 0;
  for (let i = 0; i < test.perEpoch; i++) {
    const batch = test.at(i);
    const { original, reconstruction } = await model.reconstruct(state, batch, random.fold(random.key("inference"), i));
    error +=
      meanSquaredError(original.dataSync() as Float32Array, reconstruction.dataSync() as Float32Array) / test.perEpoch;
    tree.dispose([batch, original, reconstruction]);
  }
  const samples = await model.sample(state, random.key("samples"), 10_000);
  return { samples: samples.dataSync() as Float32Array, error, last };
}

it("digits after the prior chain are at least 30 % nearer to real ones than the Gaussian twin's", async () => {
  await useEngine("onnx");
  const train = (await mnist({ split: "train", limit: 20_000 }).load()).all().images;
  const test = (await mnist({ split: "test" }).load()).all().images;
  const space = principalComponents(train, { dimensions: 784, components: 32 });
  const [model, twin] = [await trained(true), await trained(false)];
  const distance = (samples: Float32Array): number => frechetInPrincipalSpace(space, test, samples);
  const [after, without] = [distance(model.samples), distance(twin.samples)];
  console.log(
    `Fréchet distance ${after.toFixed(2)}, twin ${without.toFixed(2)}; test error ${model.error.toFixed(4)}`,
    model.last,
  );
  expect(after).toBeLessThan(14);
  expect(after).toBeLessThan(0.7 * without);
  expect(model.error).toBeLessThan(0.075);
  expect(Math.abs(model.last["latentStdNegative"]! - model.last["latentStdPositive"]!)).toBeLessThan(0.06);
  expect(Math.abs(model.last["energyGap"]!)).toBeLessThan(0.5);
});
