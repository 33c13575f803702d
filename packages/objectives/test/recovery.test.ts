/** Every objective, run to its end, finds the normal distribution that its data have. */
import { useEngine } from "@ergodic/engine";
import { actnorm, flow } from "@ergodic/flows";
import { adam, cosine, exponentialDecay } from "@ergodic/nn";
import { hmc, replayBuffer, type Energy } from "@ergodic/samplers";
import { random } from "@ergodic/tensor";
import type * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import {
  contrastiveDivergence,
  denoisingScoreMatching,
  energyDiscrepancy,
  energyLearner,
  exactScoreMatching,
  flowContrastive,
  gaussianNoise,
  noiseContrastive,
  persistentContrastive,
  shortRunContrastive,
  slicedScoreMatching,
  type EnergyLearnerOptions,
} from "../src/index.js";
import { drawTruth, momentsOf, normalModel, truth, type NormalParams } from "./normal-model.js";

beforeAll(() => useEngine("onnx"));

const examples = 1_000;
const updates = 200;

const kernel = (energy: Energy) => hmc({ energy, stepSize: 0.5, steps: 3 });
const start = (key: Parameters<typeof random.normal>[0], n: number) => random.normal(key, [n, 2]);
const noise = gaussianNoise({ shape: [2], sd: 1.5 });
const sigma = 0.3;
const falling = exponentialDecay({ initial: 2 * sigma, factor: 0.5, every: updates / 10, floor: sigma });

type ObjectiveOf = EnergyLearnerOptions<NormalParams, never, tf.Tensor>["objective"];

it.each([
  ["contrastive divergence", contrastiveDivergence({ kernel, steps: 2 })],
  ["persistent chains", persistentContrastive({ kernel, steps: 2, buffer: replayBuffer({ size: examples, start }) })],
  ["short runs", shortRunContrastive({ kernel, start, steps: 12 })],
  ["exact score matching", exactScoreMatching()],
  ["sliced score matching", slicedScoreMatching()],
  ["exact score matching of blurred data", exactScoreMatching({ dataNoise: sigma })],
  ["sliced score matching of blurred data, less and less", slicedScoreMatching({ dataNoise: falling })],
  ["denoising score matching of blurred data", denoisingScoreMatching({ sigma })],
  ["denoising score matching of blurred data, less and less", denoisingScoreMatching({ sigma: falling })],
  ["noise-contrastive estimation", noiseContrastive({ noise, ratio: 2 })],
  [
    "noise-contrastive estimation against a flow",
    flowContrastive({ flow: flow(actnorm({ channels: 2 }), [2]), optimizer: adam({ learningRate: 0.05 }), ratio: 2 }),
  ],
  ["energy discrepancy", energyDiscrepancy({ time: 0.25, negatives: 32, stabilisation: 0 })],
] as const)("%s recovers mean and variance within 3 standard errors", async (name, objective) => {
  const x = drawTruth(random.key("examples"), examples);
  const learner = energyLearner({
    model: normalModel,
    objective: objective as unknown as ObjectiveOf,
    optimizer: adam({ learningRate: cosine({ initial: 0.05, final: 5e-4, steps: updates }) }),
    observe: (batch: tf.Tensor) => batch,
  });
  let state = await learner.init(random.key("start"), x);
  for (let iteration = 0; iteration < updates; iteration += 1)
    ({ state } = await learner.update(state, x, { key: random.fold(random.key("updates"), iteration), iteration }));
  const found = momentsOf(x);
  const blur = name.includes("blurred") ? sigma ** 2 : 0;
  const mean = state.params.mean.dataSync();
  const variance = state.params.logPrecision.dataSync().map((value) => Math.exp(-value) - blur);
  // The closed-form estimators of `examples` draws have these standard errors.
  truth.variance.forEach((v, d) => {
    expect(Math.abs(mean[d]! - found.mean[d]!)).toBeLessThan(3 * Math.sqrt(v / examples));
    expect(Math.abs(variance[d]! - found.variance[d]!)).toBeLessThan(3 * v * Math.sqrt(2 / examples));
  });
  await learner.dispose?.();
});
