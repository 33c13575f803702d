/** Summaries computed while sampling equal those of the draws, with bounded memory. */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { useEngine } from "@ergodic/engine";
import { random, tree } from "@ergodic/tensor";
import { hmc, independence, langevin, nuts, openKernel, sample, summarize, type Energy } from "@ergodic/samplers";
import {
  energyFraction,
  expectedSquaredJumpDistance,
  mcseMean,
  splitRHat,
  summarizeTransitions,
} from "@ergodic/samplers/diagnostics";
import { summarizeWhileSampling } from "@ergodic/samplers/streaming";
import { valuesOf } from "./support.js";

type Pair = { a: tf.Tensor; b: tf.Tensor };
const energy: Energy<Pair> = ({ a, b }) =>
  tf.add(tf.sum(tf.sub(tf.cosh(a), 1), [1]), tf.sum(tf.square(tf.sub(b, 0.5)), [1, 2]));
const start = (chains: number): Pair => ({
  a: random.normal(random.key("a"), [chains, 1]),
  b: random.normal(random.key("b"), [chains, 2, 1]),
});
const key = random.key("stream");

beforeAll(async () => {
  await useEngine("onnx");
});

describe("a summary made while sampling", () => {
  it.each([
    ["nuts", () => nuts<Pair>({ energy, stepSize: 0.7 })],
    ["hmc", () => hmc<Pair>({ energy, stepSize: 0.4, steps: 2 })],
  ])("is that of the draws of %s, where both are exact", async (_, make) => {
    const kernel = openKernel(make());
    // An odd number of draws, so the middle draw belongs to no half. It is not a multiple of the
    // number in memory at a time.
    const options = { initial: start(6), draws: 243, key };
    const streamed = await summarizeWhileSampling(kernel, options);
    const { positions, info } = await sample(kernel, options);
    const rows = summarize(positions);
    expect(streamed.rows.map(({ name }) => name)).toEqual(rows.map(({ name }) => name));
    rows.forEach((row, i) => {
      expect(streamed.rows[i]!.mean).toBeCloseTo(row.mean, 10);
      expect(streamed.rows[i]!.sd).toBeCloseTo(row.sd, 10);
    });
    const a = tf.squeeze(positions.a, [2]);
    expect(streamed.rows[0]!.rHat).toBeCloseTo(splitRHat(a), 10);
    // 96 batch means of 15 draws: the standard error has a relative error of 7 %, and a bias of a
    // few per cent more.
    expect(streamed.rows[0]!.mcseMean / mcseMean(a)).toBeGreaterThan(0.7);
    expect(streamed.rows[0]!.mcseMean / mcseMean(a)).toBeLessThan(1.4);
    expect(streamed.expectedSquaredJumpDistance).toBeCloseTo(expectedSquaredJumpDistance(positions), 10);
    energyFraction(info.energy).forEach((value, c) => expect(streamed.energyFraction![c]).toBeCloseTo(value, 8));
    const errors = summarizeTransitions(info).energyError!;
    expect(streamed.energyError!.largest).toBe(errors.largest);
    expect(streamed.energyError!.mean).toBeCloseTo(errors.mean, 8);
    valuesOf(tf.mean(info.acceptProb as tf.Tensor, 1)).forEach((value, c) =>
      expect(streamed.acceptancePerChain![c]).toBeCloseTo(value, 5),
    );
    expect(streamed.divergences).toBe(0);
    expect(streamed.gradients).toBe(valuesOf(info.nGrad).reduce((x, y) => x + y));
    await kernel.dispose();
  });

  it("says where trajectories diverged", async () => {
    const walled: Energy = (x) =>
      tf.squeeze(tf.where(tf.greater(tf.abs(x), 1), tf.fill(x.shape, NaN), tf.mul(0, x)), [1]);
    const kernel = nuts({ energy: walled, stepSize: 0.3 });
    const options = { initial: tf.zeros([5, 1]), draws: 20, key };
    const { divergentDraws, divergences } = await summarizeWhileSampling(kernel, options);
    const { positions, info } = await sample(kernel, options);
    const flags = valuesOf(info.divergent);
    expect(divergences).toBe(flags.reduce((x, y) => x + y));
    expect(divergences).toBeGreaterThan(0);
    for (const { chain, draw, position } of divergentDraws!) {
      expect(flags[chain * 20 + draw]).toBe(1);
      expect(position).toEqual([valuesOf(positions)[chain * 20 + draw]]);
    }
  });

  it("has something to say of chains that do not move: equal ones leave no R-hat, others are infinitely far apart", async () => {
    // Whole numbers are allowed, but none is ever proposed.
    const whole: Energy = (x) =>
      tf.squeeze(tf.where(tf.equal(x, tf.round(x)), tf.zerosLike(x), tf.fill(x.shape, Infinity)), [1]);
    const kernel = independence({
      energy: whole,
      proposal: {
        sample: (k, n) => random.uniform(k, [n, 1], { low: 0.1, high: 0.4 }),
        energy: (x) => tf.squeeze(tf.zerosLike(x), [1]),
      },
    });
    const of = async (...starts: number[]) =>
      (await summarizeWhileSampling(kernel, { initial: tf.tensor2d(starts, [starts.length, 1]), draws: 20, key }))
        .rows[0]!;
    expect(await of(2, 2)).toMatchObject({ rHat: NaN, essMean: 40, mcseMean: 0, sd: 0 });
    expect(await of(2, 3)).toMatchObject({ rHat: Infinity });
  });

  it("flags chains that disagree", async () => {
    const separated: Energy = (x) =>
      tf.squeeze(
        tf.neg(tf.logSumExp(tf.mul(-0.5, tf.square(tf.concat([tf.sub(x, 9), tf.add(x, 9)], 1))), 1, true)),
        [1],
      );
    const initial = tf.tensor2d([[-9], [-9], [9], [9]]);
    const { rows } = await summarizeWhileSampling(hmc({ energy: separated, stepSize: 0.5, steps: 3 }), {
      initial,
      draws: 200,
      key,
    });
    expect(rows[0]!.rHat).toBeGreaterThan(2);
    expect(rows[0]!.essMean).toBeLessThan(60);
  });

  it("takes kernels that report next to nothing", async () => {
    const summary = await summarizeWhileSampling(langevin<Pair>({ energy, stepSize: 0.3 }), {
      initial: start(3),
      draws: 32,
      key,
    });
    expect(summary.rows).toHaveLength(3);
    expect(summary.divergences).toBeUndefined();
  });

  it("holds no more for many draws than for few, and leaves nothing behind", async () => {
    const opened = openKernel(nuts<Pair>({ energy, stepSize: 0.7 }));
    const initial = start(4);
    const before = tf.memory();
    const mostFor = async (draws: number): Promise<{ tensors: number; bytes: number }> => {
      const most = { tensors: 0, bytes: 0 };
      const watched: typeof opened = {
        ...opened,
        async draw(state, which) {
          const drawn = await opened.draw(state, which);
          const { numTensors, numBytes } = tf.memory();
          most.tensors = Math.max(most.tensors, numTensors - before.numTensors);
          most.bytes = Math.max(most.bytes, numBytes - before.numBytes);
          return drawn;
        },
      };
      const { state } = await summarizeWhileSampling(watched, { initial, draws, key });
      tree.dispose(state);
      return most;
    };
    const few = await mostFor(64);
    expect(few.bytes).toBeGreaterThan(0);
    expect(await mostFor(1024)).toEqual(few);
    expect(tf.memory().numTensors).toBe(before.numTensors);
    await opened.dispose();
  });

  it("needs enough draws for batches", async () => {
    const kernel = nuts<Pair>({ energy });
    await expect(summarizeWhileSampling(kernel, { initial: start(2), draws: 15, key })).rejects.toThrow(/at least 16/);
  });
});
