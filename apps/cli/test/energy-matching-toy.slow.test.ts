/**
 * Energy Matching in the plane, from eight Gaussians to two moons (arXiv 2504.10612). After the
 * first
 * phase chains reach the data at time 1 and leave them again. After the second they stay.
 */
import { twoMoons, type PointBatch, type PointDataset } from "@ergodic/data";
import { freshSamples } from "@ergodic/diagnosis";
import { useEngine } from "@ergodic/engine";
import { squaredMmd } from "@ergodic/evaluation";
import type { EnergyLearner, EnergyState, NoState } from "@ergodic/objectives";
import { random, type TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import experiment from "../src/presets/toy/energy-matching.js";
import { advanced } from "./advanced.js";
import { histogram, totalVariation } from "./toys.js";

beforeAll(() => useEngine("onnx"));

type Learner = EnergyLearner<TensorTree, NoState, PointBatch>;
type State = EnergyState<TensorTree, NoState>;

const n = 2_000;
const stepsPerTime = 50;
const moons = twoMoons();
const truth = histogram(moons.sampleArray(random.key("truth"), 1_000_000));
const heldOut = moons.sampleArray(random.key("held out"), n);

/** How far chains from the source are from the data at a time. */
async function distances(learner: Learner, state: State, time: number) {
  const chain = learner.chains!(state, { points: tf.zeros([1, 2]) })["data"]!;
  const samples = await freshSamples(chain, { n, steps: time * stepsPerTime, key: random.key("chains") });
  const points = (samples as tf.Tensor).dataSync<"float32">();
  return { mmd: squaredMmd(points, heldOut, 2), variation: totalVariation(histogram(points), truth) };
}

it("holds chains at the data only after the contrast", { timeout: 3_600_000 }, async () => {
  const options = experiment.options.parse({});
  const { batchSize, iterations, phases } = experiment.training;
  const learner = experiment.model(options, experiment.training) as unknown as Learner;
  const data = (await experiment.data(options).load()) as PointDataset;
  const first = data.batches({ batchSize, key: random.key("order") }).at(0);
  const flowEnd = phases!["flow"]!;
  const range = { batchSize, phases };
  const flow = await advanced(learner, data, await learner.init(random.key(0), first), {
    from: 0,
    to: flowEnd,
    ...range,
  });
  const before = { arrived: await distances(learner, flow, 1), later: await distances(learner, flow, 4) };
  const learned = await advanced(learner, data, flow, { from: flowEnd, to: iterations, ...range });
  const after = { later: await distances(learner, learned, 4) };
  console.log("energy matching", { before, after });
  // Measured with these keys and others: 0.04 and 0.30, 8.4 and 8.1, 0.30 and 0.12. Points of the
  // data are 0.003 away.
  expect(before.arrived.mmd).toBeLessThan(1);
  expect(before.later.mmd).toBeGreaterThan(4);
  expect(after.later.mmd).toBeLessThan(1);
  expect(before.later.variation).toBeGreaterThan(0.8);
  expect(after.later.variation).toBeLessThan(0.4);
  await learner.dispose?.();
});
