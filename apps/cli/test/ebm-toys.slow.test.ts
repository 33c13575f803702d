/**
 * Energies of eight Gaussians, learned by every objective and judged by their exact likelihood: in
 * the plane log Z is a sum over a grid.
 *
 * The density of the data has 2.145 nats, log 8 + log(2πe · 0.25²); a RealNVP of 8 couplings has
 * 2.74.
 */
import { gaussianRing, type PointBatch } from "@ergodic/data";
import { useEngine } from "@ergodic/engine";
import type { EnergyLearner } from "@ergodic/objectives";
import { random, type TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import contrastiveDivergence from "../src/presets/toy/ebm-contrastive-divergence.js";
import denoising from "../src/presets/toy/ebm-denoising.js";
import energyDiscrepancy from "../src/presets/toy/ebm-energy-discrepancy.js";
import noiseContrastive from "../src/presets/toy/ebm-noise-contrastive.js";
import persistent from "../src/presets/toy/ebm-persistent.js";
import scoreMatching from "../src/presets/toy/ebm-score-matching.js";
import shortRun from "../src/presets/toy/ebm-short-run.js";
import slicedScoreMatching from "../src/presets/toy/ebm-sliced-score-matching.js";
import { histogram, totalVariation } from "./toys.js";

beforeAll(() => useEngine("onnx"));

type Learner = EnergyLearner<TensorTree, TensorTree, PointBatch>;
type State = Parameters<Learner["score"]>[0];

const ring = gaussianRing({ count: 8, radius: 3, sd: 0.25 });
const half = 6;
const side = 480;
const step = (2 * half) / side;

/** Centres of the cells of a grid over [-6, 6]². */
const grid = (): Float32Array =>
  Float32Array.from({ length: 2 * side * side }, (_, i) => {
    const cell = i >> 1;
    const place = i % 2 === 0 ? cell % side : Math.floor(cell / side);
    return -half + (place + 0.5) * step;
  });

const energies = async (learner: Learner, state: State, points: tf.Tensor2D): Promise<Float64Array> =>
  Float64Array.from((await learner.score(state, { points })).dataSync());

/**
 * Nats of held-out points, and the total variation between model and data over the cells of the
 * histogram.
 */
async function judged(learner: Learner, state: State) {
  const places = grid();
  const onGrid = await energies(learner, state, tf.tensor2d(places, [side * side, 2]));
  const lowest = onGrid.reduce((least, e) => Math.min(least, e), Infinity);
  const weights = onGrid.map((e) => Math.exp(lowest - e));
  const total = weights.reduce((sum, w) => sum + w, 0);
  const logPartition = Math.log(total) + 2 * Math.log(step) - lowest;
  const heldOut = await energies(learner, state, ring.sample(random.key("held out"), 20_000));
  const nats = heldOut.reduce((sum, e) => sum + e, 0) / heldOut.length + logPartition;

  const model = histogram(
    places,
    weights.map((w) => w / total),
  );
  const truth = histogram(ring.sampleArray(random.key("truth"), 1_000_000));
  return { nats, totalVariation: totalVariation(model, truth) };
}

describe.each([
  ["contrastive divergence", contrastiveDivergence, 2.84],
  ["persistent chains", persistent, 2.84],
  ["short runs", shortRun, 2.84],
  ["exact score matching", scoreMatching, 2.84],
  ["sliced score matching", slicedScoreMatching, 2.84],
  ["denoising score matching", denoising, 2.84],
  ["noise-contrastive estimation", noiseContrastive, 2.84],
  ["energy discrepancy", energyDiscrepancy, 2.84],
] as const)("%s", (name, experiment, most) => {
  it("reaches the nats of a flow", async () => {
    const learner = experiment.model(experiment.options.parse({}), experiment.training) as unknown as Learner;
    const data = await experiment.data(experiment.options.parse({})).load();
    const { iterations, batchSize } = experiment.training;
    const batches = data.batches({ batchSize, key: random.key("order") });
    let state = await learner.init(random.key(0), batches.at(0) as PointBatch);
    const begun = performance.now();
    for (let iteration = 0; iteration < iterations; iteration += 1) {
      const batch = batches.at(iteration) as PointBatch;
      const next = await learner.update(state, batch, {
        key: random.fold(random.key("updates"), iteration),
        iteration,
      });
      tf.dispose(batch);
      state = next.state;
    }
    const found = await judged(learner, state);
    console.log(name, found, `${((performance.now() - begun) / iterations).toFixed(1)} ms an update`);
    expect(found.nats).toBeLessThan(most);
    await learner.dispose?.();
  });
});
