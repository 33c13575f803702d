/**
 * Digits to edges without pairs and from pairs, judged on pairs that training has not seen.
 *
 * Seed 0 without pairs after 300 iterations has 19.7 and 19.4 dB, finds 99.8 % and 95.2 % of the
 * true pairs, and comes back to 0.018 and 0.032 of the range. The input itself has 9.9 dB and 8.6 %.
 */
import type { CycleCoopNetsLearner } from "@ergodic/cooperative";
import { edges } from "@ergodic/data";
import { mnist } from "@ergodic/data/node";
import { useEngine } from "@ergodic/engine";
import { loadPairs, readTranslationPlan, translationScores } from "@ergodic/evaluation/translation";
import { random, type TensorTree } from "@ergodic/tensor";
import type { Dataset, Experiment } from "@ergodic/training";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import pairedPreset from "../src/presets/coopnets/mnist-edges-paired.js";
import unpairedPreset from "../src/presets/cyclecoop/mnist-edges.js";
import { advanced } from "./advanced.js";

const unpaired = unpairedPreset as unknown as Experiment;
const paired = pairedPreset as unknown as Experiment;

beforeAll(() => useEngine("onnx"));

interface Asked {
  readonly settings?: object;
  readonly iterations: number;
  readonly seed?: number;
}

/** The learner of a preset after some iterations. The caller disposes the learner. */
async function trained(preset: Experiment, { settings = {}, iterations, seed = 0 }: Asked) {
  const options = preset.options.parse(settings);
  const training = { ...preset.training, iterations };
  const learner = preset.model(options, training) as unknown as CycleCoopNetsLearner<TensorTree>;
  const data = (await preset.data(options).load()) as Dataset<TensorTree>;
  const { batchSize } = training;
  const example = data.batches({ batchSize, key: random.key("example") }).at(0);
  const begun = await learner.init(random.key(seed), example);
  const state = await advanced(learner, data, begun, { from: 0, to: iterations, batchSize, phases: null });
  return { options, learner, state };
}

/** Scores after training for some iterations. */
async function scored(preset: Experiment, asked: Asked) {
  const { options, learner, state } = await trained(preset, asked);
  const { translation } = learner;
  const scores = await translationScores({
    model: {
      steps: translation.steps,
      observe: (batch: never) => translation.observe(batch),
      translate: (examples, how) => translation.translate(state, examples, how),
    },
    pairs: await loadPairs(readTranslationPlan(preset.evaluation(options))!),
    n: 500,
    key: random.key(0),
  });
  await learner.dispose?.();
  return scores;
}

describe("cyclecoop/mnist-edges", () => {
  it("finds the edges of digits, and digits of edges", async () => {
    const { x, y } = await scored(unpaired, { iterations: 300 });
    console.log(y.raw, x.raw, y.cycle, x.cycle);
    expect(y.raw.retrieval).toBeGreaterThanOrEqual(0.95);
    expect(y.raw.psnr).toBeGreaterThanOrEqual(17.5);
    expect(x.raw.retrieval).toBeGreaterThanOrEqual(0.85);
    expect(x.raw.psnr).toBeGreaterThanOrEqual(17);
    expect(y.cycle).toBeLessThanOrEqual(0.06);
  });

  // How far off depends on the first weights: a translator that happens to keep contrast at the start
  // learns to keep its input, whose edges are then found among others. Measured after 120 iterations
  // without teaching: 16 to 62 % of the true pairs and 9.7 to 12.8 dB with eight seeds; 0 to 71 % and
  // 4.2 to 14.5 dB with fourteen seeds of the same networks in PyTorch. The chain plays no part here.
  it.each([0, 1, 2])("is far off without teaching, although it comes back, seed %i", async (seed) => {
    const { y } = await scored(unpaired, { settings: { teaching: 0, steps: 1 }, iterations: 120, seed });
    console.log(`cycle only, seed ${seed}`, y.raw, y.cycle);
    expect(y.raw.psnr).toBeLessThan(15.5);
    expect(y.raw.retrieval).toBeLessThan(0.85);
    expect(y.cycle).toBeLessThan(0.06);
  });

  // Measured: 20.4 dB raw and 19.9 refined at 28 x 28, 19.3 and 18.9 at 56 x 56.
  it("refines pictures of other sizes by an energy with a local head", async () => {
    const { learner, state } = await trained(unpaired, { settings: { energyHead: "local" }, iterations: 300 });
    const digits = (await mnist({ split: "test", limit: 100 }).load()).take(
      Int32Array.from({ length: 100 }, (_, i) => i),
    );
    // Twenty-five pictures of 2 x 2 digits.
    const [images, tall] = [digits.images, [25, 2, 2, 28, 28, 1]];
    const mosaics = tf.reshape(
      tf.transpose(tf.reshape(images, tall), [0, 1, 3, 2, 4, 5]),
      [25, 56, 56, 1],
    ) as tf.Tensor4D;
    const decibels = async (source: tf.Tensor4D, steps: number) => {
      const how = { to: "y", steps, key: random.key(0) } as const;
      const made = tf.clipByValue(await learner.translation.translate(state, source, how), -1, 1);
      const error = tf.mean(tf.squaredDifference(made, edges(source)), [1, 2, 3]);
      return tf.mean(tf.mul(-10 / Math.LN10, tf.log(tf.div(error, 4)))).dataSync()[0]!;
    };
    const own = { raw: await decibels(images, 0), refined: await decibels(images, 15) };
    const large = { raw: await decibels(mosaics, 0), refined: await decibels(mosaics, 15) };
    console.log("local head", own, "56 x 56", large);
    await learner.dispose?.();
    expect(own.raw).toBeGreaterThan(17.5);
    expect(large.refined).toBeGreaterThan(17);
  });
});

describe("coopnets/mnist-edges-paired", () => {
  // Measured: 23.3 and 23.4 dB, and all of the true pairs. Without cycles, as in the paper, 18.4 dB and
  // 98.8 % of the edges, 18.7 dB and 97.0 % of the digits.
  it("learns both directions from pairs", async () => {
    const { x, y } = await scored(paired, { iterations: 300 });
    console.log("pairs", y.raw, y.refined, x.raw, x.refined);
    for (const { raw, refined } of [x, y]) {
      expect(raw.psnr).toBeGreaterThan(21.5);
      expect(refined.psnr).toBeGreaterThan(20.5);
      expect(raw.retrieval).toBeGreaterThan(0.99);
    }
  });
});
