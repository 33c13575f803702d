/** Ladders: tuned from a known barrier and from measurements, and summarised in words. */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { useEngine } from "@ergodic/engine";
import { gaussianRingTarget } from "@ergodic/energies";
import { random, tree } from "@ergodic/tensor";
import { hmc, sample } from "@ergodic/samplers";
import {
  geometricLadder,
  parallelTempering,
  retuneLadder,
  summarizeTempering,
  warmUpTempering,
} from "@ergodic/samplers/tempering";
import { meansOfLast } from "../../src/tempering/summary.js";
import { roundEnds } from "../../src/tempering/warm-up-tempering.js";
import { valuesOf } from "../support.js";

describe("retuneLadder", () => {
  // The rejection rate between neighbours is the difference of a barrier function Λ(β).
  const barrier = (beta: number): number => Math.log(1 + 200 * beta);
  const rejectionsOf = (betas: readonly number[]): number[] =>
    betas.slice(1).map((beta, i) => (barrier(betas[i]!) - barrier(beta)) / 10);

  it("brings all rejections together, and leaves equal ones", () => {
    let betas = [1, 0.8, 0.6, 0.4, 0.2, 0];
    for (let round = 0; round < 40; round++) betas = retuneLadder(betas, rejectionsOf(betas));
    const rejections = rejectionsOf(betas);
    rejections.forEach((rejection) => expect(rejection).toBeCloseTo(barrier(1) / 50, 6));
    expect([betas[0], betas[5]]).toEqual([1, 0]);
    expect(retuneLadder([1, 0.5, 0.2], [0.3, 0.3])[1]).toBeCloseTo(0.5, 12);
  });

  it("moves towards the pair that rejects, and copes with pairs that never do", () => {
    expect(retuneLadder([1, 0.5, 0], [0.6, 0.2])[1]).toBeCloseTo(2 / 3, 12);
    const flat = retuneLadder([1, 0.6, 0.3, 0], [0, 0, 0]);
    flat.slice(1).forEach((beta, i) => expect(beta).toBeLessThan(flat[i]!));
    const oneSided = retuneLadder([1, 0.6, 0.3, 0], [0, 0, 0.9]);
    oneSided.slice(1).forEach((beta, i) => expect(beta).toBeLessThan(oneSided[i]!));
  });

  it("names what is wrong", () => {
    expect(() => retuneLadder([1, 0.5, 0.2], [0.1])).toThrow(/rejections has 1 entries, expected 2/);
    expect(() => retuneLadder([1, 0.5], [NaN])).toThrow(/rejections\[0\] is NaN/);
  });
});

describe("warmUpTempering", () => {
  beforeAll(async () => {
    await useEngine("onnx");
  });

  it("has rounds that double, the last of them half of all steps", () => {
    expect(roundEnds(800)).toEqual([49, 99, 199, 399]);
    expect(roundEnds(99)).toEqual([]);
  });

  it("evens out a bad ladder and finds a step size for each temperature", async () => {
    const target = gaussianRingTarget();
    const kernel = parallelTempering({
      energy: target.energy,
      kernel: (energy) => hmc({ energy, steps: 4, stepSize: 0.05 }),
      betas: [1, 0.9, 0.8, 0.7, 0.02],
    });
    const initial = tf.fill([8, 2], 0.1);
    const before = tf.memory().numTensors;
    const state = await warmUpTempering(kernel, initial, { steps: 800, key: random.key(1) });
    const { info, ...rest } = await sample(kernel, { initial: state, draws: 400, key: random.key(2) });
    const { rejections } = summarizeTempering(info);
    expect(Math.max(...rejections) - Math.min(...rejections)).toBeLessThan(0.12);
    const betas = valuesOf(state.beta);
    expect(betas[0]).toBe(1);
    expect(betas[4]).toBeCloseTo(0.02, 6);
    meansOfLast(info.acceptance).forEach((mean) => expect(Math.abs(mean - 0.8)).toBeLessThan(0.12));
    const sizes = valuesOf(state.stepSizes[0]!);
    expect(sizes[4]! / sizes[0]!).toBeGreaterThan(2);
    tree.dispose([state, info, rest]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("names what is wrong", async () => {
    const kernel = parallelTempering({
      energy: (x) => tf.sum(tf.square(x), [1]),
      kernel: (energy) => hmc({ energy, steps: 2 }),
      betas: geometricLadder(3),
    });
    const run = (options: { steps?: number; targetAcceptance?: number }) =>
      warmUpTempering(kernel, tf.ones([2, 1]), { steps: 10, key: random.key(0), ...options });
    await expect(run({ steps: 0 })).rejects.toThrow(/steps is 0/);
    await expect(run({ targetAcceptance: 1 })).rejects.toThrow(/targetAcceptance is 1/);
  });
});

describe("summarizeTempering", () => {
  it("counts round trips of walkers and says what is wrong with a ladder", () => {
    // Two walkers exchange places at every second draw. A round trip takes four draws, once every
    // walker has reached the target.
    const walker = tf.tensor3d([Array.from({ length: 40 }, (_, t) => ([0, 1].includes(t % 4) ? [0, 1] : [1, 0]))]);
    const even = summarizeTempering({ swapProb: tf.fill([1, 40, 1], 0.5), walker });
    expect(even.rejections).toEqual([0.5]);
    expect(even.roundTrips).toBe(18);
    expect(even.roundTripRate).toBeCloseTo(18 / 40, 12);
    expect(even.predictedRate).toBeCloseTo(0.25, 12);
    expect(even.suggestedReplicas).toBe(2);
    expect(even.advice).toEqual([]);

    const stuck = tf.tile(tf.tensor3d([[[0, 1, 2]]]), [1, 40, 1]);
    const swapProb = tf.tile(tf.tensor3d([[[0.05, 0.9]]]), [1, 40, 1]);
    const { barrier, advice } = summarizeTempering({ swapProb, walker: stuck });
    expect(barrier).toBeCloseTo(1.05, 6);
    expect(advice.join("\n")).toMatch(/replicas 0 and 1 exchange in 5.0 % of tries/);
    expect(advice.join("\n")).toMatch(/unequally often: tune the ladder/);
    expect(advice.join("\n")).toMatch(/3 replicas for a barrier of 1.1: take 4/);
    expect(advice.join("\n")).toMatch(/local moves are too short/);
    expect(() => summarizeTempering({ swapProb, walker: tf.zeros([40, 3]) })).toThrow(/walker has shape \[40,3\]/);
  });
});
