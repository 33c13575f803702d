/**
 * Annealed importance sampling compared with closed forms.
 *
 * Estimates must lie within 4 of their own standard errors. The false-alarm rate is 6e-5 each, with
 * fixed keys and about 25 comparisons.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { useEngine } from "@ergodic/engine";
import { random, tree, type TensorTree } from "@ergodic/tensor";
import { cycle, hmc, langevin, mala, type Energy } from "@ergodic/samplers";
import {
  adaptiveSchedule,
  annealedImportance,
  bootstrapInterval,
  geometricSchedule,
  importanceSampling,
  linearSchedule,
  openAnnealing,
  sigmoidSchedule,
  weightedLangevin,
  type AnnealingOptions,
  type KernelOf,
} from "@ergodic/samplers/annealing";
import { normalisedWeights } from "@ergodic/samplers/diagnostics";
import { enginesOnThisMachine, valuesOf } from "../support.js";
import { isotropic, leapfrogs } from "./gaussians.js";

const [from, to] = [isotropic(10, 1), isotropic(10, 0.5)];
const problem: AnnealingOptions = {
  from,
  to,
  kernel: leapfrogs,
  betas: linearSchedule(30),
  chains: 100,
  key: random.key("annealing"),
};

/** Runs, checks log Ẑ by its own standard error, and disposes the draws. */
async function expectPartition(options: AnnealingOptions, exact: number) {
  const estimate = await annealedImportance(options);
  tree.dispose(estimate.position);
  const { logPartition, standardError } = estimate;
  expect(standardError).toBeGreaterThan(0);
  expect(Math.abs(logPartition - exact) / standardError, `${logPartition} ± ${standardError}`).toBeLessThan(4);
  return estimate;
}

describe.each(enginesOnThisMachine)("annealed importance sampling on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it("finds log Z of a Gaussian", async () => {
    expect(to.logPartition).toBeCloseTo(2.257914, 6);
    const { betas, levels, logWeights, contributions, effectiveSize } = await expectPartition(problem, to.logPartition);
    expect(betas).toEqual(linearSchedule(30));
    expect(levels).toHaveLength(30);
    levels.forEach(({ acceptance, resampled }) => {
      expect(acceptance).toBeGreaterThan(0.6);
      expect(resampled).toBe(false);
    });
    expect(contributions).toEqual(logWeights);
    expect(levels.at(-1)!.effectiveSize).toBeCloseTo(effectiveSize, 8);
  });

  it("moves trees, and gives the first chains the same weights however many there are", async () => {
    type Pair = { a: tf.Tensor; b: tf.Tensor };
    const square = ({ a, b }: Pair): tf.Tensor => tf.add(tf.sum(tf.square(a), [1]), tf.sum(tf.square(b), [1, 2]));
    const options = {
      from: {
        energy: (x: Pair) => tf.mul(0.5, square(x)),
        sample: (key: typeof problem.key, n: number): Pair =>
          random.normalLike(key, { a: tf.zeros([n, 1]), b: tf.zeros([n, 1, 2]) }),
      },
      to: { energy: (x: Pair) => tf.mul(2, square(x)) },
      kernel: (energy: Energy<Pair>) => mala<Pair>({ energy, stepSize: 0.5 }),
      betas: linearSchedule(6),
      key: random.key(3),
    };
    const many = await annealedImportance<Pair>({ ...options, chains: 64 });
    const few = await annealedImportance<Pair>({ ...options, chains: 5 });
    expect(many.position.b.shape).toEqual([64, 1, 2]);
    few.logWeights.forEach((logWeight, i) => expect(logWeight).toBeCloseTo(many.logWeights[i]!, 4));
    // log Z - log Z_0 = 3 log ½. The reference counts as normalised.
    expect(Math.abs(many.logPartition - 3 * Math.log(0.5))).toBeLessThan(4 * many.standardError);
  });
});

describe("the law of the weights", () => {
  beforeAll(async () => {
    await useEngine("onnx");
  });

  it("has errors that are as large as it says, over 20 keys", async () => {
    const runner = openAnnealing(problem);
    const scores: number[] = [];
    for (let seed = 0; seed < 20; seed++) {
      const { logPartition, standardError, position } = await runner.forward(problem.betas, random.key(seed));
      tree.dispose(position);
      scores.push((logPartition - to.logPartition) / standardError);
    }
    await runner.dispose();
    // The mean square of 20 standard normal scores is outside [0.3, 2.3] with probability 1e-3.
    const meanSquare = scores.reduce((sum, z) => sum + z * z, 0) / scores.length;
    expect(meanSquare).toBeGreaterThan(0.3);
    expect(meanSquare).toBeLessThan(2.3);
  });

  it("one level is importance sampling", async () => {
    const ends = { from: isotropic(2, 1), to: isotropic(2, 0.7) };
    const one = await annealedImportance({ ...problem, ...ends, betas: [0, 1] });
    const [startKey] = random.split(problem.key);
    const weighed = await importanceSampling({ ...ends, draws: problem.chains, key: startKey! });
    expect(one.logPartition).toBeCloseTo(weighed.logPartition, 10);
    expect(one.standardError).toBeCloseTo(weighed.standardError, 10);
  });

  it.each([
    ["geometric", geometricSchedule(20, { smallest: 0.02 })],
    ["sigmoid", sigmoidSchedule(30)],
    ["adaptive", adaptiveSchedule()],
  ])("%s levels", async (_, betas) => {
    const { betas: used } = await expectPartition({ ...problem, betas }, to.logPartition);
    expect(used[0]).toBe(0);
    expect(used.at(-1)).toBe(1);
    expect(used.length).toBeGreaterThan(5);
  });

  it("kernels that take turns", async () => {
    const kernel: KernelOf<tf.Tensor> = (energy) =>
      cycle([mala({ energy, stepSize: 0.3 }), hmc({ energy, stepSize: 0.35, steps: 2 })]);
    const { levels } = await expectPartition({ ...problem, kernel }, to.logPartition);
    expect(levels[0]!.acceptance).toBeGreaterThan(0.6);
    const oneUnadjusted: KernelOf<tf.Tensor> = (energy) =>
      cycle([mala({ energy, stepSize: 0.3 }), langevin({ energy, stepSize: 0.3 })]);
    const refused = annealedImportance({ ...problem, kernel: oneUnadjusted });
    await expect(refused).rejects.toThrow(/reports \{parts\}, expected acceptProb or logWeight/);
  });

  it("weights of unadjusted Langevin steps make up for the missing test", async () => {
    const options = {
      ...problem,
      chains: 400,
      from: isotropic(3, 1),
      to: isotropic(3, 0.5),
      betas: linearSchedule(40),
    };
    const exact = options.to.logPartition;
    const kernel: KernelOf<tf.Tensor> = (energy) => weightedLangevin({ energy, stepSize: 0.45 });
    const { levels } = await expectPartition({ ...options, kernel }, exact);
    expect(levels[0]!.acceptance).toBeUndefined();
    // The same steps, weighted as if they left the target invariant, are wrong by many standard
    // errors.
    const biased: KernelOf<tf.Tensor> = (energy) => {
      const { init, step } = weightedLangevin({ energy, stepSize: 0.45 });
      return {
        init,
        step: (state, key) => {
          const [next, { logWeight }] = step(state as ReturnType<typeof init>, key);
          return [next, { logWeight: tf.zerosLike(logWeight) }];
        },
      };
    };
    const wrong = await annealedImportance({ ...options, kernel: biased });
    expect(Math.abs(wrong.logPartition - exact) / wrong.standardError).toBeGreaterThan(6);
  });

  it("resampling keeps log Z, and leaves equal draws of the target", async () => {
    // From N(0, 1) to N(2, 0.2²). With 12 levels the weights would degenerate.
    const far = isotropic(2, 0.2, 2);
    const options = { ...problem, from: isotropic(2, 1), to: far, betas: geometricSchedule(12, { smallest: 0.005 }) };
    const stepSize = (beta: number): number => 0.6 / Math.sqrt(1 + 24 * beta);
    const run = { ...options, chains: 1000, resample: true, stepSize };
    const estimate = await annealedImportance(run);
    const { logPartition, standardError, levels, contributions, logWeights, position } = estimate;
    expect(levels.some(({ resampled }) => resampled)).toBe(true);
    expect(Math.abs(logPartition - far.logPartition) / standardError).toBeLessThan(4);
    const total = (logs: Float64Array): number => logs.reduce((sum, log) => sum + Math.exp(log), 0);
    expect(total(contributions) / total(logWeights)).toBeCloseTo(1, 10);
    const values = valuesOf(position);
    const mean = normalisedWeights(logWeights).reduce((sum, w, i) => sum + w * values[2 * i]!, 0);
    expect(Math.abs(mean - 2)).toBeLessThan(0.05);
    const plain = await annealedImportance({ ...run, resample: false });
    expect(plain.effectiveSize).toBeLessThan(estimate.effectiveSize);
  });

  it("draws outside the support weigh nothing", async () => {
    const half: Energy = (x) => {
      const column = tf.squeeze(x, [1]);
      return tf.where(tf.less(column, 0), tf.fill(column.shape, Infinity), tf.mul(2, tf.square(column)));
    };
    const options = { ...problem, from: isotropic(1, 1), to: { energy: half }, betas: adaptiveSchedule(), chains: 400 };
    const { logWeights, advice } = await expectPartition(options, Math.log(0.25 * Math.sqrt(2 * Math.PI)));
    expect(logWeights.filter((logWeight) => logWeight === -Infinity).length).toBeGreaterThan(150);
    expect(advice).toEqual([]);
  });

  it("a bootstrap interval is as wide as the standard error", async () => {
    const estimate = await annealedImportance(problem);
    const [low, high] = bootstrapInterval(estimate.contributions, { key: random.key(8) });
    const centre = estimate.logPartition - from.logPartition;
    expect(low).toBeLessThan(centre);
    expect(high).toBeGreaterThan(centre);
    // 2 · 1.96 standard errors, to the precision of an interval from 100 weights.
    expect((high - low) / (3.92 * estimate.standardError)).toBeGreaterThan(0.7);
    expect((high - low) / (3.92 * estimate.standardError)).toBeLessThan(1.4);
  });

  it("says so when the weights are worth little", async () => {
    const { advice, spread, effectiveSize } = await annealedImportance({
      ...problem,
      to: isotropic(10, 0.1),
      betas: linearSchedule(4),
    });
    expect(spread).toBeGreaterThan(3);
    expect(effectiveSize).toBeLessThan(10);
    expect(advice.join(" ")).toMatch(/ESS, at least 10 wanted.*standard deviation of/);
  });
});

describe("how it runs", () => {
  beforeAll(async () => {
    await useEngine("onnx");
  });

  it("records nothing anew for further levels, schedules and keys", async () => {
    const runner = openAnnealing({ ...problem, chains: 20, resample: true, stepSize: (beta) => 0.4 / (1 + beta) });
    const run = async (betas: typeof problem.betas, seed: number) =>
      tree.dispose((await runner.forward(betas, random.key(seed))).position);
    await run(linearSchedule(3), 0);
    const { position } = await runner.reverse(await runner.draw("to", random.key(5)), linearSchedule(2), random.key(1));
    tree.dispose(position);
    await run([0, 1e-9, 1], 1);
    const recorded = runner.programs();
    await run(linearSchedule(40), 2);
    await run(adaptiveSchedule(), 3);
    expect(runner.programs()).toBe(recorded);
    expect(recorded).toBeLessThanOrEqual(3);
    await runner.dispose();
  });

  it("the same key gives the same weights, another key others; no tensor is left", async () => {
    const run = async (seed: number) => {
      const estimate = await annealedImportance({ ...problem, chains: 10, resample: true, key: random.key(seed) });
      tree.dispose(estimate);
      return estimate.logWeights;
    };
    const first = await run(1);
    const before = tf.memory().numTensors;
    expect(await run(1)).toEqual(first);
    expect(await run(2)).not.toEqual(first);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("names what is wrong, and leaves no tensor then either", async () => {
    const before = tf.memory().numTensors;
    const fails = (change: object, message: RegExp) =>
      expect(annealedImportance({ ...problem, chains: 4, ...change } as AnnealingOptions)).rejects.toThrow(message);
    await fails({ chains: 0 }, /chains is 0/);
    await fails({ betas: [0, 0.5] }, /betas goes from 0 to 0.5.*from 0 to 1/);
    await fails({ betas: [0, 0.7, 0.5, 1] }, /betas\[2\] is 0.5.*never fall/);
    await fails({ betas: () => 0 }, /goes from beta 0 to 0 at level 1/);
    await fails({ from: { energy: from.energy } }, /from.sample is undefined, expected a function; exact draws/);
    await fails({ to: {} }, /to is undefined, expected a function/);
    await fails({ to: { energy: tf.square } }, /annealing\(\{ to \}\): energy has shape \[4,10\], expected \[4\]/);
    await fails({ kernel: 3 }, /kernel is 3, expected a function/);
    const unadjusted = (energy: Energy) => langevin({ energy, stepSize: 0.1 });
    await fails({ kernel: unadjusted }, /reports \{energy, gradientNorm.*acceptProb or logWeight.*weightedLangevin/);
    await fails({ kernel: unadjusted, stepSize: () => 0.1 }, /no step size in its state/);
    const broken = (x: tf.Tensor) => tf.log(tf.sub(tf.sum(tf.mul(x, 0), [1]), 1));
    await fails({ to: { energy: broken } }, /energies of draw 0 at beta 0 are .* \(from\) and NaN \(to\)/);
    const nowhere = (x: tf.Tensor) => tf.fill([x.shape[0]!], Infinity);
    await fails({ to: { energy: nowhere } }, /every draw has weight 0/);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("importance sampling says when a few draws carry it", async () => {
    const good = await importanceSampling({
      from: isotropic(2, 1),
      to: isotropic(2, 0.8),
      draws: 4000,
      key: random.key(6),
    });
    expect(Math.abs(good.logPartition - isotropic(2, 0.8).logPartition)).toBeLessThan(4 * good.standardError);
    expect(good.advice).toEqual([]);
    expect(good.paretoK).toBeLessThan(0.5);
    // E_q[w]²/E_q[w²] = (s² √(2/s² - 1))^d for normal laws with variances 1 and s².
    expect(good.effectiveShare).toBeCloseTo(0.8 ** 4 * (2 / 0.64 - 1), 1);
    const narrow = await importanceSampling({
      from: isotropic(10, 1),
      to: isotropic(10, 1.6),
      draws: 1000,
      key: random.key(7),
    });
    expect(narrow.paretoK).toBeGreaterThan(0.7);
    expect(narrow.advice.join(" ")).toMatch(/Pareto k-hat is/);
    const trees: TensorTree = [good.position, narrow.position];
    tree.dispose(trees);
  });

  it("takes kernels of other step sizes for other temperatures", async () => {
    // A step of 0.35 at sd 0.02 is far beyond stability. Everything is rejected there unless the
    // step shrinks with β.
    const sharp = isotropic(4, 0.02);
    const options = { ...problem, from: isotropic(4, 1), to: sharp, betas: geometricSchedule(60, { smallest: 1e-4 }) };
    const kernel: KernelOf<tf.Tensor> = (energy) => hmc({ energy, steps: 3 });
    const scaled = (beta: number): number => 0.7 / Math.sqrt(1 + 2499 * beta);
    const { levels } = await expectPartition({ ...options, kernel, chains: 200, stepSize: scaled }, sharp.logPartition);
    expect(Math.min(...levels.map(({ acceptance }) => acceptance!))).toBeGreaterThan(0.5);
  });
});
