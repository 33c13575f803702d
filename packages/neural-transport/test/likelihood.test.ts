/** Held-out likelihood of tilts with known values. */
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "@ergodic/engine";
import type { EnergyModel } from "@ergodic/energies";
import { sgd } from "@ergodic/nn";
import { random } from "@ergodic/tensor";
import { beforeAll, expect, it } from "vitest";
import { heldOutLikelihood, neuralTransport } from "../src/index.js";
import { data, fixedFlow, type Batch } from "./known-learning.js";

beforeAll(() => useEngine("onnx"));

const best: EnergyModel<{ readonly theta: tf.Tensor }> = {
  init: () => ({ theta: tf.tensor1d([-1.75, 4]) }),
  energy: ({ theta }, x) => tf.neg(tf.sum(tf.mul(x, theta), 1)) as tf.Tensor1D,
};
const learnerOfBest = () =>
  neuralTransport({
    flow: fixedFlow(),
    energy: best,
    optimizers: { flow: sgd({ learningRate: 0 }), energy: sgd({ learningRate: 0 }) },
    observe: (batch: Batch) => batch.x,
    chains: { stepSize: 0.3 },
  });

it("the best linear tilt gains E θ*·x - log Z = -1.5 + 3.625 nats, between bounds that meet", async () => {
  const learner = learnerOfBest();
  const batch = data(random.key(1), 512);
  const state = await learner.init(random.key(2), batch);
  const found = await heldOutLikelihood(learner, state, batch.x, { key: random.key(3), chains: 256, levels: 40 });
  const { lower, upper, standardErrors } = found.logPartition;
  // Means of the data are exact, so the only error is that of log Z = -3.625. The upper bound also
  // depends on chains.
  expect(Math.abs(lower + 3.625)).toBeLessThan(4 * standardErrors.lower);
  expect(Math.abs(upper + 3.625)).toBeLessThan(4 * standardErrors.upper + 0.05);
  expect(found.gain.upper + lower).toBeCloseTo(-1.5, 4);
  expect(found.gain.lower + upper).toBeCloseTo(-1.5, 4);
  const flow = tf.mean(learner.model.backbone.logDensity!(state.params.backbone, batch.x)).dataSync()[0]!;
  expect(found.flow).toBeCloseTo(flow, 4);
  expect(found.model.lower).toBeCloseTo(flow + found.gain.lower, 4);
});

it("scores examples by their density: under the same tilt N((2, 0.5), Σ), with Σ⁻¹ = [[1.25, -2], [-2, 4]]", async () => {
  const x = tf.tensor2d([
    [2, 0.5],
    [3, 0.5],
    [2, -0.5],
    [5, 4],
  ]);
  const learner = learnerOfBest();
  const state = await learner.init(random.key(4), { x });
  const score = [...(await learner.score(state, { x }, random.key(5))).dataSync()];
  // Differences from the score at the mean: ½ (x - m)ᵀ Σ⁻¹ (x - m).
  [0, 0.625, 2, 0.5 * (1.25 * 9 - 4 * 10.5 + 4 * 12.25)].forEach((above, i) =>
    expect(score[i]! - score[0]!).toBeCloseTo(above, 3),
  );
});
