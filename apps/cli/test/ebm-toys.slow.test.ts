/**
 * Energies of points in the plane, learned by every objective and judged by their exact likelihood:
 * in the plane log Z is a sum over a grid.
 *
 * The most nats are those of a RealNVP of 8 couplings and 0.1. It has 2.737 on eight Gaussians,
 * whose density has 2.145, 1.770 on moons (1.675), and 3.866 on the checkerboard (3.466).
 */
import type { PointBatch } from "@ergodic/data";
import { useEngine } from "@ergodic/engine";
import { planeMetrics, planeScores } from "@ergodic/evaluation/model";
import type { EnergyLearner } from "@ergodic/objectives";
import { random, type TensorTree } from "@ergodic/tensor";
import { beforeAll, expect, it } from "vitest";
import { advanced } from "./advanced.js";
import { planeEvaluation, planeSets } from "../src/preset-parts/plane-sets.js";
import contrastiveDivergence from "../src/presets/toy/ebm-contrastive-divergence.js";
import denoising from "../src/presets/toy/ebm-denoising.js";
import energyDiscrepancy from "../src/presets/toy/ebm-energy-discrepancy.js";
import noiseContrastive from "../src/presets/toy/ebm-noise-contrastive.js";
import persistent from "../src/presets/toy/ebm-persistent.js";
import scoreMatching from "../src/presets/toy/ebm-score-matching.js";
import shortRun from "../src/presets/toy/ebm-short-run.js";
import slicedScoreMatching from "../src/presets/toy/ebm-sliced-score-matching.js";

beforeAll(() => useEngine("onnx"));

type Learner = EnergyLearner<TensorTree, TensorTree, PointBatch>;

const most = { gaussians: 2.84, moons: 1.87, checkerboard: 3.966 };

it.each([
  ["contrastive divergence", "gaussians", contrastiveDivergence],
  ["persistent chains", "gaussians", persistent],
  ["short runs", "gaussians", shortRun],
  ["exact score matching", "gaussians", scoreMatching],
  ["sliced score matching", "gaussians", slicedScoreMatching],
  ["denoising score matching", "gaussians", denoising],
  ["noise-contrastive estimation", "gaussians", noiseContrastive],
  ["energy discrepancy", "gaussians", energyDiscrepancy],
  ["energy discrepancy", "moons", energyDiscrepancy],
  ["noise-contrastive estimation", "checkerboard", noiseContrastive],
  ["denoising score matching", "moons", denoising],
] as const)("%s reaches the nats of a flow on %s", async (name, set, experiment) => {
  const options = experiment.options.parse({ set });
  const learner = experiment.model(options, experiment.training) as unknown as Learner;
  const { iterations, batchSize } = experiment.training;
  const data = await experiment.data(options).load();
  const example = data.batches({ batchSize, key: random.key("example") }).at(0);
  const begun = performance.now();
  const state = await advanced(learner, data, await learner.init(random.key(0), example), {
    ...{ from: 0, to: iterations, batchSize, phases: null },
  });
  const time = (performance.now() - begun) / iterations;
  const { nats, tv } = await planeScores({
    score: (batch) => learner.score(state, batch as PointBatch),
    plan: planeEvaluation(planeSets[set]),
    metrics: planeMetrics,
    n: 20_000,
    seed: 0,
  });
  const found = `${nats?.value.toFixed(3)} nats of ${nats?.ofData?.toFixed(3)}, total variation ${tv?.value.toFixed(3)}`;
  console.log(`${name}, ${set}: ${found}, ${time.toFixed(1)} ms an update`);
  expect(nats!.value).toBeLessThan(most[set]);
  await learner.dispose?.();
});
