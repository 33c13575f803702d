/** Learning to the fixed point: on Gaussian data the whole loop has one that is known. */
import { useEngine } from "@ergodic/engine";
import { adam } from "@ergodic/nn";
import { ladder, langevinSteps, proportionalSteps } from "@ergodic/noising";
import { random, tree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { langevinSampler, recoveryLikelihood } from "../src/index.js";
import { quadratic } from "./quadratic.js";

beforeAll(() => useEngine("onnx"));

const six = ladder.recovery(6);

/**
 * The contrastive fixed point: the precision h = κ/s² at which the marginal variance of y after K
 * steps is α²V.
 */
function fixedPoint(steps: number, sizes: Float64Array): { precision: number[]; centre: number[] } {
  const [mean, variance] = [-0.8, 0.25];
  const entries = [...sizes].map((size, t) => {
    const top = t === 5;
    const alpha = top ? 1 : six.stepSignal[t + 1]!;
    const spread = six.signal[t]! ** 2 * variance + six.noise[t]! ** 2;
    const sd = six.stepNoise[t + 1]!;
    const farSpread = six.stepSignal[t + 1]! ** 2 * spread + sd ** 2;
    const varianceAt = (h: number): number => {
      const p = h + (top ? 0 : 1 / sd ** 2);
      const q = 1 - (size ** 2 * p) / 2;
      const share = q ** steps + (1 - q ** steps) * (top ? 0 : 1 / (sd ** 2 * p));
      return share ** 2 * farSpread + (size ** 2 * (1 - q ** (2 * steps))) / (1 - q ** 2);
    };
    let [low, high] = [1e-6, 1.9 / size ** 2];
    for (let i = 0; i < 200; i++) {
      const middle = Math.sqrt(low * high);
      // The variance falls with the precision until the chain oscillates.
      if (varianceAt(middle) > alpha ** 2 * spread) low = middle;
      else high = middle;
    }
    const q = 1 - (size ** 2 * low) / 2;
    const level = six.signal[t]! * mean;
    const centre = top ? (level * (1 - q ** steps * six.stepSignal[6]!)) / (1 - q ** steps) : alpha * level;
    return { precision: low * size ** 2, centre };
  });
  return { precision: entries.map((entry) => entry.precision), centre: entries.map((entry) => entry.centre) };
}

it("agrees with the values of the released setting and of the sampler that mixes", () => {
  const published = fixedPoint(30, langevinSteps(six, 2e-4)).precision;
  [0.01285, 0.03096, 0.04058, 0.04851, 0.0579, 0.02195].forEach((kappa, t) =>
    expect(published[t]! / kappa).toBeCloseTo(1, 2),
  );
  const mixing = fixedPoint(60, proportionalSteps(six, 0.1)).precision;
  [0.04843, 0.11517, 0.13704, 0.1542, 0.18396, 0.10913].forEach((kappa, t) =>
    expect(mixing[t]! / kappa).toBeCloseTo(1, 2),
  );
});

it.each([
  ["short chains", 30, langevinSteps(six, 2e-4), 0],
  ["chains that mix, on equal data with noise", 20, proportionalSteps(six, 0.1), 0.5],
] as const)("is reached by %s within 5 %", async (_, steps, stepSizes, dataNoise) => {
  const expected = fixedPoint(steps, stepSizes);
  const updates = 500;
  const learner = recoveryLikelihood({
    // From 1.5 times the fixed point, so that few updates reach it.
    model: quadratic(6, {
      precision: expected.precision.map((k) => 1.5 * k),
      centre: expected.centre.map((c) => c + 0.1),
    }),
    optimizer: adam({
      learningRate: (step) => tf.mul(0.03, tf.minimum(1, tf.mul(1.6, tf.sub(1, tf.div(step, updates))))) as tf.Scalar,
    }),
    observe: (batch: tf.Tensor) => batch,
    shape: [8],
    sampler: langevinSampler({ steps, stepSizes }),
    dataNoise,
  });
  let state = await learner.init(random.key(0), tf.zeros([1, 8]));
  const [precision, centre] = [new Float64Array(6), new Float64Array(6)];
  const kept = 150;
  for (let i = 0; i < updates; i++) {
    const law = { mean: -0.8, sd: dataNoise === 0 ? 0.5 : 0 };
    const batch = random.normal(random.fold(random.key("data"), i), [512, 8], law);
    const next = await learner.update(state, batch, { key: random.fold(random.key("updates"), i), iteration: i });
    tree.dispose([state, batch]);
    state = next.state;
    if (i < updates - kept) continue;
    const { logPrecision, centre: middle } = state.params.energy;
    logPrecision.dataSync().forEach((log, t) => (precision[t]! += Math.exp(log) / kept));
    middle.dataSync().forEach((c, t) => (centre[t]! += c / kept));
  }
  precision.forEach((value, t) => expect(Math.abs(value / expected.precision[t]! - 1)).toBeLessThan(0.05));
  centre.forEach((value, t) => expect(Math.abs(value - expected.centre[t]!)).toBeLessThan(0.03));
  await learner.dispose?.();
});
