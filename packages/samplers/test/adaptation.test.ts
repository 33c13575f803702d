/** Adaptation: reference traces of its parts, and the acceptance that a warm-up reaches. */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { useEngine } from "@ergodic/engine";
import { illConditionedNormal, correlatedNormal, standardNormalTarget } from "@ergodic/energies";
import { random, tree, ValidationError } from "@ergodic/tensor";
import {
  denseMass,
  hmc,
  mala,
  nuts,
  openKernel,
  sample,
  summarize,
  warmUp,
  type NutsInfo,
  type Tunable,
} from "@ergodic/samplers";
import {
  adjustStepSize,
  dualAverage,
  followAcceptance,
  startDualAveraging,
  warmUpSchedule,
} from "@ergodic/samplers/adaptation";
import { settledStepSize } from "../src/adaptation/settle.js";
import { findStepSize } from "../src/adaptation/step-search.js";
import { observe, regularisedCovariance, regularisedVariances, startWelford } from "../src/adaptation/welford.js";
import { enginesOfLongRuns, valuesOf } from "./support.js";

describe("dual averaging", () => {
  it("follows the reference trace", () => {
    const acceptance = [0.2, 0.9, 0.7, 0.95, 0.5, 0.8, 0.6, 0.85];
    const steps = [0.335911, 0.307737, 0.202136, 0.276453, 0.106878, 0.100621, 0.051974, 0.059106];
    const averages = [0.335911, 0.318862, 0.261071, 0.266409, 0.202731, 0.168874, 0.128422, 0.109092];
    let state = startDualAveraging(0.1);
    acceptance.forEach((value, t) => {
      state = dualAverage(state, value, 0.8);
      expect(state.stepSize).toBeCloseTo(steps[t]!, 6);
      expect(state.averaged).toBeCloseTo(averages[t]!, 6);
    });
  });

  it("keeps the step within [1e-10, 1e5]", () => {
    let [low, high] = [startDualAveraging(1), startDualAveraging(1)];
    for (let t = 0; t < 3000; t++) [low, high] = [dualAverage(low, 0, 0.8), dualAverage(high, 1, 0.1)];
    expect(low.stepSize).toBe(1e-10);
    expect(high.stepSize).toBe(1e5);
  });
});

describe("the schedule", () => {
  it.each([
    [1000, [74, 99, 149, 249, 449, 949, 999]],
    [500, [74, 99, 149, 249, 449, 499]],
    [300, [74, 99, 149, 249, 299]],
    [150, [74, 99, 149]],
    [100, [14, 89, 99]],
    [2000, [74, 99, 149, 249, 449, 849, 1949, 1999]],
  ])("of %i steps ends its parts as in the reference", (steps, ends) => {
    const { from, windowEnds } = warmUpSchedule(steps);
    expect([from - 1, ...windowEnds, steps - 1]).toEqual(ends);
  });

  it("leaves the mass alone in fewer than 20 steps", () => {
    expect(warmUpSchedule(19).windowEnds).toEqual([]);
    expect(warmUpSchedule(20).windowEnds).toEqual([9]);
  });

  it("leaves at least 10 steps to the step size after every window", () => {
    for (let steps = 20; steps < 400; steps++)
      expect(steps - 1 - warmUpSchedule(steps).windowEnds.at(-1)!).toBeGreaterThanOrEqual(10);
  });
});

describe("estimates of the mass", () => {
  const rows = [1, 2, 3, -1, 0.5, 4, 2, 2, -3, 0, 1, 1];
  const column = (i: number) => rows.filter((_, k) => k % 3 === i);
  const covariance = (i: number, j: number) => {
    const [a, b] = [column(i), column(j)];
    const [ma, mb] = [a, b].map((c) => c.reduce((x, y) => x + y) / c.length) as [number, number];
    return a.reduce((sum, value, k) => sum + (value - ma) * (b[k]! - mb), 0) / (a.length - 1);
  };

  it("are the regularised (co)variances of all rows seen", () => {
    const [diagonal, dense] = [startWelford(3, false), startWelford(3, true)];
    for (const state of [diagonal, dense]) {
      observe(state, rows.slice(0, 3));
      observe(state, rows.slice(3));
    }
    regularisedVariances(diagonal).forEach((value, i) =>
      expect(value).toBeCloseTo((4 / 9) * covariance(i, i) + (1e-3 * 5) / 9, 12),
    );
    const shrunkTo = (correlation: (i: number, j: number) => number) => (i: number, j: number) =>
      (4 * covariance(i, j) + 5 * 2e-3 * Math.sqrt(covariance(i, i) * covariance(j, j)) * correlation(i, j)) / 9;
    const before = [
      [4, 1, -2],
      [1, 1, 0],
      [-2, 0, 9],
    ];
    const [first, later] = [
      shrunkTo((i, j) => Number(i === j)),
      shrunkTo((i, j) => before[i]![j]! / Math.sqrt(before[i]![i]! * before[j]![j]!)),
    ];
    regularisedCovariance(dense).forEach((row, i) =>
      row.forEach((value, j) => expect(value).toBeCloseTo(first(i, j), 12)),
    );
    regularisedCovariance(dense, before).forEach((row, i) =>
      row.forEach((value, j) => expect(value).toBeCloseTo(later(i, j), 12)),
    );
  });
});

describe("the search of a first step", () => {
  it.each([
    [1, 3.3, 4],
    [100, 3.3, 3.125],
    [1, 0.3, 0.25],
  ])("from %f crosses %f at %f", async (start, limit, found) => {
    expect(await findStepSize(start, async (size) => (size < limit ? 0.9 : 0.1))).toBe(found);
  });
});

describe("the last look at a step size", () => {
  const settled = (acceptanceAt: (size: number) => number, stepSize: number, error = 0.01) =>
    settledStepSize(stepSize, 0.8, async (size) => ({ acceptance: acceptanceAt(size), error }));
  const falling = (size: number): number => Math.exp(-size);

  it("keeps what is as good as asked for, or cannot be told from it", async () => {
    expect(await settled(falling, 0.24)).toBe(0.24);
    expect(await settled(falling, 0.9, 0.2)).toBe(0.9);
  });

  it.each([1e-3, 0.02, 0.5, 8])("finds the size that gives the acceptance, from %f", async (stepSize) => {
    expect(falling(await settled(falling, stepSize))).toBeCloseTo(0.8, 2);
  });

  it("takes the nearest such size where the acceptance rises and falls", async () => {
    // The acceptance is 0.8 at sizes 1, 2 and 3. It is higher between 1 and 2 and lower between 2
    // and 3.
    const waves = (size: number): number => (size > 3.5 ? 0 : 0.8 + 0.15 * Math.sin(Math.PI * size));
    expect(await settled(waves, 2.4)).toBeCloseTo(3, 1);
    expect(await settled(waves, 1.5)).toBeCloseTo(1, 1);
  });

  it("stops where nothing gives the acceptance", async () => {
    expect(await settled(() => 1, 1)).toBeLessThan(1e4);
    expect(await settled(() => 0, 1)).toBeGreaterThan(1e-4);
  });
});

describe("short warm-ups, and trajectories of one length", () => {
  beforeAll(async () => {
    await useEngine("onnx");
  });

  /** The acceptance of 24 draws of 16 chains after a warm-up, for three seeds. */
  async function reached(kernel: Tunable, start: (seed: number) => tf.Tensor, steps: number): Promise<number[]> {
    const opened = openKernel(kernel);
    const means: number[] = [];
    for (const seed of [0, 1, 2]) {
      const tuned = await warmUp(opened, start(seed), { steps, key: random.key(seed) });
      const { info } = await sample(opened, { initial: tuned, draws: 24, key: random.key(50 + seed) });
      means.push(valuesOf(tf.mean(info.acceptProb))[0]!);
    }
    await opened.dispose();
    return means;
  }

  // One step cannot find the typical set, so the bound of 0.2 allows for chains that are still
  // moving there. Averages over few steps gave 0 to 0.6.
  it.each([1, 3, 10, 20, 22, 25, 30, 50])("%i steps give an acceptance near the 0.8 asked for", async (steps) => {
    const { energy } = standardNormalTarget({ dimension: 3 });
    const start = (seed: number) => random.normal(random.key(900 + seed), [16, 3]);
    for (const kernel of [nuts({ energy }), hmc({ energy, steps: [1, 2, 3] })])
      for (const acceptance of await reached(kernel, start, steps)) {
        expect(acceptance).toBeGreaterThan(0.6);
        expect(acceptance).toBeLessThan(0.96);
      }
  });

  // Step sizes on either side of a dip gave 0.87 on average for 3 leapfrog steps; the standard
  // error of a mean is 0.01.
  it.each([3, 10])("trajectories of %i leapfrog steps meet their target", async (steps) => {
    const { energy } = standardNormalTarget({ dimension: 10 });
    const start = (seed: number) => random.normal(random.key(900 + seed), [16, 10]);
    const means = await reached(hmc({ energy, steps }), start, 200);
    expect(Math.abs(means.reduce((sum, mean) => sum + mean, 0) / means.length - 0.8)).toBeLessThan(0.04);
  });
});

it("the controller of drifting targets moves by one rate up or down", () => {
  expect(adjustStepSize(0.5, 0.8)).toBeCloseTo(0.505, 12);
  expect(adjustStepSize(0.5, 0.7)).toBeCloseTo(0.5 / 1.01, 12);
  expect(adjustStepSize(0.5, 0.7, { target: 0.6, rate: 0.1 })).toBeCloseTo(0.55, 12);
});

describe.each([10, 100])("controllers of drifting targets on a standard normal of %i dimensions", (dimension) => {
  beforeAll(async () => {
    await useEngine("onnx");
  });

  /**
   * Mean acceptance of 64 chains over the last 200 of 600 steps, each followed by a correction of
   * the step size.
   */
  const reached = async (correct: (stepSize: tf.Tensor, acceptance: tf.Tensor) => tf.Tensor): Promise<number> => {
    const opened = openKernel(
      hmc({ energy: standardNormalTarget({ dimension }).energy, steps: [1, 2, 3], stepSize: 0.05 }),
    );
    const start = random.normal(random.key(0), [64, dimension]);
    let state = await opened.init(start);
    const means: number[] = [];
    for (let from = 0; from < 600; from += 1) {
      const drawn = await opened.draw(state, { key: random.key(1), from, count: 1 });
      const acceptance = tf.mean(drawn.info.acceptProb);
      means.push(acceptance.dataSync()[0]!);
      tree.dispose([state, drawn.positions, drawn.info]);
      state = { ...drawn.state, stepSize: correct(drawn.state.stepSize, acceptance) };
      tree.dispose([drawn.state.stepSize, acceptance]);
    }
    tree.dispose([state, start]);
    await opened.dispose();
    return means.slice(-200).reduce((sum, mean) => sum + mean, 0) / 200;
  };

  it("come within 0.05 of their target", async () => {
    const multiplied = (stepSize: tf.Tensor, acceptance: tf.Tensor): tf.Tensor =>
      tf.scalar(adjustStepSize(stepSize.dataSync()[0]!, acceptance.dataSync()[0]!));
    expect(Math.abs((await reached(multiplied)) - 0.75)).toBeLessThan(0.05);
    expect(Math.abs((await reached(followAcceptance)) - 0.651)).toBeLessThan(0.05);
  });

  it("stay within their bounds", () => {
    const far = (acceptance: number) =>
      followAcceptance(tf.scalar(1.49), tf.scalar(acceptance), { gain: 1 }).dataSync()[0];
    expect(far(1)).toBeCloseTo(1.5, 6);
    expect(() => followAcceptance(tf.scalar(1), tf.scalar(1), { bounds: [1, 0.1] })).toThrow(ValidationError);
  });
});

describe.each(enginesOfLongRuns)("warm-up on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it.each([10, 100])("reaches the acceptance asked for in %i dimensions, and freezes the step", async (dimension) => {
    const { energy } = standardNormalTarget({ dimension });
    for (const kernel of [hmc({ energy, steps: [1, 2, 3] }), mala({ energy })]) {
      const tuned = await warmUp(kernel, random.normal(random.key(1), [16, dimension]), {
        steps: 250,
        key: random.key("adapt"),
      });
      const { info, state, positions } = await sample(kernel, { initial: tuned, draws: 60, key: random.key(2) });
      const excess = valuesOf(tf.mean(info.acceptProb))[0]! - kernel.targetAcceptance;
      expect(Math.abs(excess)).toBeLessThan(0.05);
      expect(valuesOf(state.stepSize)).toEqual(valuesOf(tuned.stepSize));
      expect(new Set(valuesOf(info.stepSize)).size).toBe(1);
      expect(positions.shape).toEqual([16, 60, dimension]);
    }
  });

  it("finds the scales of the target, so that badly scaled ones are sampled as well as others", async () => {
    const target = illConditionedNormal({ dimension: 6, smallest: 0.01 });
    const kernel = hmc({ energy: target.energy, steps: [1, 2, 3] });
    const tuned = await warmUp(kernel, random.normal(random.key(3), [8, 6]), { steps: 300, key: random.key("scales") });
    valuesOf(tuned.inverseMass as tf.Tensor).forEach((variance, i) => {
      expect(variance / target.moments.covariance[i]![i]!).toBeGreaterThan(0.6);
      expect(variance / target.moments.covariance[i]![i]!).toBeLessThan(1.7);
    });
    const { positions } = await sample(kernel, { initial: tuned, draws: 100, key: random.key(4) });
    for (const row of summarize(positions)) {
      expect(Math.abs(row.mean)).toBeLessThan(4 * row.mcseMean);
      expect(row.essBulk).toBeGreaterThan(200);
    }
  });
});

describe("warm-up", () => {
  beforeAll(async () => {
    await useEngine("onnx");
  });

  it("fits a dense mass to correlations", async () => {
    const kernel = hmc({ energy: correlatedNormal().energy, steps: 4, mass: denseMass() });
    const initial = random.normal(random.key(3), [8, 2]);
    const tuned = await warmUp(kernel, initial, { steps: 200, key: random.key("dense") });
    const { covariance, inverseFactor } = tuned.inverseMass as { covariance: tf.Tensor2D; inverseFactor: tf.Tensor2D };
    const [[a, b], [c, d]] = covariance.arraySync() as [[number, number], [number, number]];
    expect(b).toBe(c);
    expect(b / Math.sqrt(a * d)).toBeGreaterThan(0.8);
    const unit = tf.matMul(tf.matMul(inverseFactor, covariance), inverseFactor, false, true);
    valuesOf(tf.sub(unit, tf.eye(2))).forEach((value) => expect(Math.abs(value)).toBeLessThan(1e-4));
  });

  it("keeps the start, leaves no tensors behind, also when it fails", async () => {
    const kernel = hmc({ energy: standardNormalTarget().energy, steps: 2 });
    const initial = random.normal(random.key(3), [4, 3]);
    const run = async () => tree.dispose(await warmUp(kernel, initial, { steps: 60, key: random.key(0) }));
    await run();
    const before = tf.memory().numTensors;
    await run();
    expect(tf.memory().numTensors).toBe(before);
    expect(initial.isDisposed).toBe(false);
    const broken = hmc({ energy: (x) => tf.log(tf.sum(x, [1])), steps: 2 });
    await expect(warmUp(broken, tf.fill([2, 1], -1), { steps: 5, key: random.key(0) })).rejects.toThrow(
      /energy is NaN/,
    );
    expect(tf.memory().numTensors).toBe(before + 1);
  });

  it("keeps the programs of an open kernel, which gives the same chains", async () => {
    const kernel = nuts({ energy: standardNormalTarget().energy });
    const initial = random.normal(random.key(3), [4, 3]);
    const run = async (runner: typeof kernel | ReturnType<typeof openKernel<tf.Tensor, NutsInfo>>) => {
      const tuned = await warmUp(runner, initial, { steps: 30, key: random.key(0) });
      return valuesOf((await sample(runner, { initial: tuned, draws: 5, key: random.key(1) })).positions);
    };
    const opened = openKernel(kernel);
    const first = await run(opened);
    expect(await run(opened)).toEqual(first);
    expect(await run(kernel)).toEqual(first);
    await opened.dispose();
  });

  it("says how far it is", async () => {
    const told: number[][] = [];
    const onProgress = (...counts: [number, number]) => void told.push(counts);
    const kernel = mala({ energy: standardNormalTarget().energy });
    tree.dispose(await warmUp(kernel, tf.zeros([2, 3]), { steps: 25, key: random.key(0), onProgress }));
    expect(told).toEqual(Array.from({ length: 25 }, (_, i) => [i + 1, 25]));
  });

  it("checks its options", async () => {
    const kernel = mala({ energy: standardNormalTarget().energy });
    const start = tf.zeros([2, 3]);
    const key = random.key(0);
    await expect(warmUp(kernel, start, { steps: 0, key })).rejects.toThrow(ValidationError);
    await expect(warmUp(kernel, start, { steps: 5, key, targetAcceptance: 1 })).rejects.toThrow(
      /targetAcceptance is 1/,
    );
    await expect(sample(kernel, { initial: start, draws: 0.5, key })).rejects.toThrow(/draws is 0.5/);
  });
});
