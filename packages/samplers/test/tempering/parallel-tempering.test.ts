/**
 * Parallel tempering: moves between modes, the law at every temperature, and the properties of
 * every kernel. Keys are fixed. Each test states its false-alarm rate.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { useEngine } from "@ergodic/engine";
import { bimodal } from "@ergodic/energies";
import { random, type Key } from "@ergodic/tensor";
import {
  cycle,
  diagonalMass,
  hmc,
  independence,
  langevin,
  mala,
  nuts,
  sample,
  type Energy,
  type Kernel,
} from "@ergodic/samplers";
import { modeVisits, nearestMode, summarizeTransitions } from "@ergodic/samplers/diagnostics";
import {
  geometricLadder,
  parallelTempering,
  summarizeTempering,
  type TemperingOptions,
} from "@ergodic/samplers/tempering";
import { enginesOfLongRuns, expectGaussian, valuesOf } from "../support.js";

const halfSquare: Energy = (x) => tf.mul(0.5, tf.sum(tf.square(x), [1]));
const key = random.key("tempering");

describe("between the modes of ½ N(-5, 1) + ½ N(5, 1), 5,000 steps of one chain", () => {
  const { energy, modes } = bimodal({ position: 5 });
  const betas = geometricLadder(6, { smallest: 0.02 });
  const stepSize = (beta: number): number => 0.5 / Math.sqrt(Math.max(beta, 0.05));
  const visits = (positions: tf.Tensor) => modeVisits(nearestMode(positions, modes!.centres));
  beforeAll(async () => {
    await useEngine("onnx");
  });

  it("switches hundreds of times, exchanges evenly and travels as fast as theory says", async () => {
    const kernel = parallelTempering({ energy, kernel: (e) => hmc({ energy: e, steps: 3 }), betas, stepSize });
    const { positions, info } = await sample(kernel, { initial: tf.tensor2d([[5]]), draws: 5000, key });
    expect(positions.shape).toEqual([1, 5000, 1]);
    const { hopRate, occupancy } = visits(positions);
    expect(5000 * hopRate).toBeGreaterThan(300);
    // 5 standard errors of the occupancy with about 900 switches are 0.06.
    expect(Math.abs(occupancy[0]! - 0.5)).toBeLessThan(0.06);
    const { rejections, barrier, roundTripRate, predictedRate, suggestedReplicas, advice } = summarizeTempering(info);
    for (const rejection of rejections) {
      expect(rejection).toBeGreaterThan(0.17);
      expect(rejection).toBeLessThan(0.26);
    }
    expect(Math.abs(barrier - 1.08)).toBeLessThan(0.08);
    expect(roundTripRate / predictedRate).toBeGreaterThan(0.8);
    expect(roundTripRate / predictedRate).toBeLessThan(1.2);
    expect(suggestedReplicas).toBe(4);
    expect(advice).toEqual([]);
    // L + 1 gradients of six replicas per step.
    expect(summarizeTransitions(info).gradients).toBe(5000 * 6 * 4);
  });

  it("which plain HMC does not do once", async () => {
    const plain = hmc({ energy, steps: 3, stepSize: 0.5 });
    const { positions } = await sample(plain, { initial: tf.tensor2d([[5]]), draws: 5000, key });
    expect(visits(positions).hopRate).toBe(0);
  });
});

const chainsOn = { onnx: 2000, cpu: 500 };

describe.each(enginesOfLongRuns)("tempered chains on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it.each(["deterministic", "stochastic"] as const)(
    "%s: every replica follows its own law, with and without a reference",
    async (swaps) => {
      // The law is N(0, 1/β) without a reference, and N(2(1 - β), 1) with N(2, 1) as reference.
      // Comparisons are within 5 standard errors.
      const [chains, betas] = [chainsOn[engine], [1, 0.5, 0.25]];
      const reference: Energy = (x) => halfSquare(tf.sub(x, 2));
      const run = async (options: Partial<TemperingOptions>) => {
        const kernel = parallelTempering({
          energy: halfSquare,
          kernel: (energy) => hmc({ energy, stepSize: 0.7, steps: 2 }),
          betas,
          swaps,
          ...options,
        });
        const initial = random.normal(random.key("start"), [chains, 1]);
        return sample(kernel, { initial, draws: 32, key });
      };
      const replica = (rows: tf.Tensor, i: number, count: number): tf.Tensor =>
        tf.squeeze(tf.slice(tf.reshape(rows, [chains, count, 1]), [0, i], [-1, 1]), [1]);

      const { state, info } = await run({});
      expectGaussian(state.position, { mean: [0], covariance: [[1]] });
      betas.forEach((beta, i) =>
        expectGaussian(replica(state.replicas.position as tf.Tensor, i, 3), { mean: [0], covariance: [[1 / beta]] }),
      );
      expect(valuesOf(state.position)).toEqual(valuesOf(replica(state.replicas.position as tf.Tensor, 0, 3)));
      // Each place holds a different walker. Pairs are tried in turn or at random.
      const walkers = info.walker.arraySync() as unknown as number[][][];
      walkers[0]!.forEach((places) => expect([...places].sort()).toEqual([0, 1, 2]));
      const tried = tf.mean(info.swapped, [0]).arraySync() as unknown as number[][];
      if (swaps === "deterministic") tried.forEach((pairs, t) => expect(pairs[(t + 1) % 2]).toBe(0));
      else tried.forEach((pairs) => pairs.forEach((share) => expect(share).toBeGreaterThan(0.1)));

      const withReference = await run({ reference, betas: [1, 0.5, 0] });
      [0, 1, 2].forEach((mean, i) =>
        expectGaussian(replica(withReference.state.replicas.position as tf.Tensor, i, 3), {
          mean: [mean],
          covariance: [[1]],
        }),
      );
    },
  );

  it("keep the step size of a temperature where it is", async () => {
    const sized = parallelTempering({
      energy: halfSquare,
      kernel: (energy) => hmc({ energy, steps: 2, stepJitter: 0 }),
      betas: [1, 0.25],
      stepSize: (beta) => 0.5 / Math.sqrt(beta),
    });
    const { state, info } = await sample(sized, { initial: tf.zeros([3, 1]), draws: 12, key });
    expect(valuesOf(info.swapped).some(Boolean)).toBe(true);
    expect(valuesOf(state.stepSizes[0]!)).toEqual([0.5, 1]);
    expect(valuesOf(state.replicas.stepSize as tf.Tensor)).toEqual([0.5, 1, 0.5, 1, 0.5, 1]);
    // Relative to the scale, both replicas have the same problem. The acceptance of 12 steps with ε
    // = 0.5 in units of the sd is high.
    expect(valuesOf(tf.min(info.acceptance))[0]).toBeGreaterThan(0.8);
  });
});

describe("with other kernels", () => {
  beforeAll(async () => {
    await useEngine("onnx");
  });

  it("runs kernels that take turns, with exact draws of the reference among them, at every temperature", async () => {
    // Reference N(0, 1), target N(0, 0.6²), replica at β: precision 1 + 1.78 β.
    const energy: Energy = (x) => tf.div(halfSquare(x), 0.36);
    const proposal = { sample: (k: Key, n: number) => random.normal(k, [n, 1]), energy: halfSquare };
    const kernel = parallelTempering({
      energy,
      reference: halfSquare,
      kernel: (tempered) =>
        cycle([hmc({ energy: tempered, stepSize: 0.4, steps: 2 }), independence({ energy: tempered, proposal })]),
      betas: [1, 0.5, 0],
    });
    const { state, info } = await sample(kernel, { initial: tf.ones([2000, 1]), draws: 20, key });
    const rows = tf.reshape(state.replicas.position as tf.Tensor, [2000, 3]);
    [1, 0.5, 0].forEach((beta, i) => {
      const variance = 1 / (1 + (1 / 0.36 - 1) * beta);
      expectGaussian(tf.slice(rows, [0, i], [-1, 1]), { mean: [0], covariance: [[variance]] });
    });
    // If the target is the reference, every draw of the reference is accepted, and nearly every
    // move of HMC.
    expect(valuesOf(tf.mean(info.acceptance, [0, 1]))[2]).toBeGreaterThan(0.97);
  });

  it("keeps what was tuned, and goes where another kernel leads its coldest replica", async () => {
    const mass = diagonalMass(tf.tensor1d([4, 0.25]));
    const kernel = parallelTempering({
      energy: halfSquare,
      kernel: (energy) => hmc({ energy, steps: 2, mass }),
      betas: [1, 0.5],
      stepSize: (beta) => 0.3 / beta,
    });
    const { state } = await sample(kernel, { initial: tf.zeros([3, 2]), draws: 4, key });
    expect(valuesOf(state.replicas.inverseMass as tf.Tensor)).toEqual([4, 0.25]);
    const moved = kernel.moveTo!(state, tf.fill([3, 2], 7));
    const [before, after] = [state, moved].map((each) => valuesOf(each.replicas.position as tf.Tensor));
    after!.forEach((value, i) => expect(value).toBe(i % 4 < 2 ? 7 : before![i]));
    // Energies are those of the new place, β E. Step sizes are kept.
    expect(valuesOf(moved.replicas.energy as tf.Tensor)[0]).toBeCloseTo(49, 4);
    expect(valuesOf(moved.replicas.stepSize as tf.Tensor)).toEqual(valuesOf(state.replicas.stepSize as tf.Tensor));
  });
});

describe("what is wrong is named", () => {
  beforeAll(async () => {
    await useEngine("cpu");
  });
  const options: TemperingOptions = {
    energy: halfSquare,
    kernel: (energy) => hmc({ energy, steps: 2 }),
    betas: [1, 0.5],
  };

  it.each<[Partial<Record<keyof TemperingOptions, unknown>>, RegExp]>([
    [{ betas: [1] }, /betas is \[1\], expected 1, the target, and at least one hotter/],
    [{ betas: [0.5, 0.1] }, /betas is \[0.5, 0.1\]/],
    [{ betas: [1, 0.5, 0.5] }, /betas\[2\] is 0.5, expected falling numbers/],
    [{ betas: [1, NaN] }, /betas\[1\] is NaN/],
    [{ betas: [1, 0] }, /the last of betas is 0, expected a reference/],
    [{ kernel: undefined }, /kernel is undefined, expected a function/],
    [{ energy: 1 }, /energy is 1, expected a function/],
    [{ reference: 1 }, /reference is 1, expected a function/],
    [{ swaps: "never" }, /swaps is "never", expected one of "deterministic", "stochastic"/],
    [{ stepSize: (beta: number) => beta - 0.5 }, /stepSize\(0.5\) is 0/],
  ])("%o", (change, message) => {
    expect(() => parallelTempering({ ...options, ...change } as TemperingOptions)).toThrow(message);
  });

  it("in energies, starts and local kernels", async () => {
    const run = (change: Partial<TemperingOptions>, initial: tf.Tensor = tf.ones([2, 1])) =>
      sample(parallelTempering({ ...options, ...change }), { initial, draws: 1, key });
    await expect(run({ energy: tf.square })).rejects.toThrow(
      /parallelTempering\(\{ energy \}\): energy has shape \[2,1\], expected \[2\]/,
    );
    const logarithm: Energy = (x) => tf.log(tf.squeeze(x, [1]));
    await expect(run({ energy: logarithm }, tf.tensor2d([[1], [-1]]))).rejects.toThrow(
      /energy is NaN where chain 1 starts/,
    );
    await expect(run({}, tf.tensor2d([[1], [NaN]]))).rejects.toThrow(/NaN where chain 1 starts/);
    await expect(run({ kernel: (energy) => langevin({ energy, stepSize: 0.1 }) })).rejects.toThrow(
      /local kernel reports \{energy, gradientNorm.*expected acceptProb/,
    );
    const led = (energy: Energy) => nuts({ energy }) as unknown as Kernel<tf.Tensor>;
    await expect(run({ kernel: led })).rejects.toThrow(/parallelTempering was given a kernel without a step/);
  });

  it("never moves where the energy is NaN, and flags it", async () => {
    const walled: Energy = (x) =>
      tf.squeeze(tf.where(tf.greater(tf.abs(x), 1), tf.fill(x.shape, NaN), tf.mul(0, x)), [1]);
    const kernel = parallelTempering({
      ...options,
      energy: walled,
      kernel: (energy) => mala({ energy, stepSize: 0.8 }),
    });
    const { positions, state, info } = await sample(kernel, { initial: tf.zeros([50, 1]), draws: 20, key });
    expect(valuesOf(tf.max(tf.abs(positions)))[0]).toBeLessThanOrEqual(1);
    expect(valuesOf(tf.max(tf.abs(state.replicas.position as tf.Tensor)))[0]).toBeLessThanOrEqual(1);
    expect(summarizeTransitions(info).divergences!.length).toBeGreaterThan(0);
  });
});
