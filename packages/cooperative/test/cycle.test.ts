/**
 * Translation between two sides: the updates are their formulas with the chains as constants,
 * single directions read only their own networks, and runs resume exactly.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gaussianMixture, unpaired, type PointBatch } from "@ergodic/data";
import { mlpEnergy } from "@ergodic/energies";
import { useEngine } from "@ergodic/engine";
import { imageTranslator } from "@ergodic/generators";
import { adam, dense, every, identity, mlp, residual, sgd, type Layer } from "@ergodic/nn";
import { random, tree, ValidationError } from "@ergodic/tensor";
import { defineExperiment, resolveConfig } from "@ergodic/training";
import { train } from "@ergodic/training/node";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { cycleCoopNets, translationLearning, resolveTranslation, type CycleCoopNetsOptions } from "../src/index.js";
import { difference, expectExactResume, linearEnergy, numbersOf, valuesOf } from "./support.js";

type Points = { readonly x: tf.Tensor; readonly y: tf.Tensor };
const observe = (batch: Points): Points => batch;
const key = random.key("cycle");
const at = { key, iteration: 0 };

const thetas = { x: [0.5, -1], y: [-0.25, 2] } as const;
const descents = {
  energyX: sgd({ learningRate: 1 }),
  energyY: sgd({ learningRate: 1 }),
  translators: sgd({ learningRate: 1 }),
};

/** Linear energies and translators, with chains without noise: ỹ = ŷ - K α θ. */
const linear = (given: Partial<CycleCoopNetsOptions<Points>> = {}) => ({
  energies: { x: linearEnergy(thetas.x), y: linearEnergy(thetas.y) },
  translators: { toX: dense({ in: 2, out: 2 }), toY: dense({ in: 2, out: 2 }) },
  chain: { steps: 4, drift: 0.25, withNoise: false },
  optimizers: descents,
  observe,
  ...given,
});

type Affine = { readonly weight: tf.Tensor; readonly bias: tf.Tensor };
const applied = (of: unknown, x: tf.Tensor): tf.Tensor => {
  const { weight, bias } = of as Affine;
  return tf.add(tf.matMul(x, weight), bias);
};

const batch = (): Points => ({
  x: random.normal(random.key("x"), [5, 2]),
  y: random.normal(random.key("y"), [5, 2], { mean: 1 }),
});

describe.each(["cpu", "onnx"] as const)("an update on %s", (engine) => {
  beforeAll(() => useEngine(engine));

  it("moves each energy by the difference of means, with no gradient through chain or translator", async () => {
    const learner = cycleCoopNets(linear());
    const seen = batch();
    const state = await learner.init(key, seen);
    const { state: next, metrics } = await learner.update(state, seen, at);
    const { toX, toY } = state.params.translators;
    const ends = {
      x: tf.sub(applied(toX, seen.y), tf.tensor1d([...thetas.x])),
      y: tf.sub(applied(toY, seen.x), tf.tensor1d([...thetas.y])),
    };
    for (const [side, energy] of [
      ["x", next.params.energyX],
      ["y", next.params.energyY],
    ] as const) {
      const moved = numbersOf(energy).map((value, i) => thetas[side][i]! - value);
      expect(difference(moved, valuesOf(tf.sub(tf.mean(seen[side], 0), tf.mean(ends[side], 0))))).toBeLessThan(1e-5);
    }
    expect(metrics["displacement.x"]).toBeCloseTo(0.75, 5);
    expect(metrics["displacement.y"]).toBeCloseTo(1.125, 5);
  });

  it("teaches translators by their revisions as constants", async () => {
    // mean (ŷ - ỹ)² over 5 x 2 numbers has ∂/∂b = 2 θ/2 with ỹ = ŷ - θ constant, and 0 through it.
    const learner = cycleCoopNets(linear({ weights: { teaching: 3, cycle: { x: 0, y: 0 } } }));
    const seen = batch();
    const state = await learner.init(key, seen);
    const { state: next, metrics } = await learner.update(state, seen, at);
    for (const [side, to] of [
      ["x", "toX"],
      ["y", "toY"],
    ] as const) {
      const [before, after] = [state.params.translators[to] as Affine, next.params.translators[to] as Affine];
      const expected = thetas[side].map((theta) => 3 * theta);
      expect(difference(valuesOf(tf.sub(before.bias, after.bias)), expected)).toBeLessThan(1e-5);
      const squares = thetas[side].reduce((sum, theta) => sum + theta * theta, 0);
      expect(metrics[`teaching.${side}`]).toBeCloseTo(squares / 2, 5);
    }
    expect(metrics["cycle.x"]).toBeUndefined();
  });

  it("sums teaching, cycle and identity with their weights", async () => {
    const seen = batch();
    for (const error of ["absolute", "squared"] as const) {
      const weights = { teaching: 2, cycle: { x: 3, y: 5 }, identity: 0.5 };
      const learner = cycleCoopNets(linear({ weights, error }));
      const state = await learner.init(key, seen);
      const { metrics } = await learner.update(state, seen, at);
      const { toX, toY } = state.params.translators;
      const distance = (a: tf.Tensor, b: tf.Tensor): number => {
        const off = tf.sub(a, b);
        return tf.mean(error === "absolute" ? tf.abs(off) : tf.square(off)).dataSync()[0]!;
      };
      const cycle = {
        x: distance(applied(toX, applied(toY, seen.x)), seen.x),
        y: distance(applied(toY, applied(toX, seen.y)), seen.y),
      };
      const same = { x: distance(applied(toX, seen.x), seen.x), y: distance(applied(toY, seen.y), seen.y) };
      const teaching = 2 * (1.25 / 2 + (0.25 ** 2 + 4) / 2);
      const expected = teaching + 3 * cycle.x + 5 * cycle.y + 0.5 * (3 * same.x + 5 * same.y);
      expect(metrics["loss"]).toBeCloseTo(expected, 4);
      if (error === "absolute") expect(metrics["cycle.y"]).toBeCloseTo(cycle.y, 5);
    }
  });
});

describe("translation", () => {
  beforeAll(() => useEngine("onnx"));

  const residualMlp = (): Layer => residual(mlp({ in: 2, widths: [8], out: 2, activation: "swish" }));
  const nonlinear = (given: Partial<CycleCoopNetsOptions<Points>> = {}) => ({
    energies: {
      x: mlpEnergy({ in: 2, widths: [8], activation: "swish" }),
      y: mlpEnergy({ in: 2, widths: [8], activation: "swish" }),
    },
    translators: { toX: residualMlp(), toY: residualMlp() },
    chain: { steps: 3, stepSize: 0.1, referenceSd: 2 },
    optimizers: {
      energyX: adam({ learningRate: 1e-3 }),
      energyY: adam({ learningRate: 1e-3 }),
      translators: adam({ learningRate: 1e-3 }),
    },
    observe,
    ...given,
  });

  it("takes the same step compiled and as a plain function", async () => {
    const options = nonlinear({ weights: { teaching: 1, cycle: { x: 1, y: 1 }, identity: 0.1 }, penalty: 0.01 });
    const learner = cycleCoopNets(options);
    const seen = batch();
    const state = await learner.init(key, seen);
    const compiled = (await learner.update(state, seen, at)).state;
    const { init, step } = translationLearning(resolveTranslation(options));
    const plain = step(init(key), { x: [seen.x], y: [seen.y] }, key).state;
    expect(difference(numbersOf(compiled), numbersOf(plain))).toBeLessThan(1e-4);
  });

  it("needs the networks of one direction only, and raw translations no energy", async () => {
    const learner = cycleCoopNets(nonlinear());
    const seen = batch();
    const { params, optimizer } = await learner.init(key, seen);
    const { translate } = learner.translation;
    const raw = { params: { translators: { toY: params.translators.toY } } } as never;
    const refined = { params: { translators: { toY: params.translators.toY }, energyY: params.energyY } } as never;
    const whole = { params, optimizer };
    const how = { to: "y", steps: 0, key } as const;
    expect(valuesOf(await translate(raw, seen.x, how))).toEqual(valuesOf(await translate(whole, seen.x, how)));
    const chain = { ...how, steps: 5 };
    expect(valuesOf(await translate(refined, seen.x, chain))).toEqual(valuesOf(await translate(whole, seen.x, chain)));
  });

  it("translates an image independently of the others in its batch", async () => {
    const translator = () =>
      imageTranslator({ in: 1, out: 1, width: 4, halvings: 1, blocks: 1, outerKernel: 3, dropout: 0.5 });
    const learner = cycleCoopNets(nonlinear({ translators: { toX: translator(), toY: translator() } }));
    const images = random.normal(random.key("images"), [3, 8, 8, 1]);
    const state = await learner.init(key, batch());
    const how = { to: "x", steps: 0, key } as const;
    const together = valuesOf(await learner.translation.translate(state, images, how));
    const alone = await learner.translation.translate(state, tf.slice(images, 1, 1), how);
    expect(difference(together.slice(64, 128), valuesOf(alone))).toBeLessThan(1e-5);
  });

  it("updates parts in ratios: the energies once for two steps of the translators", async () => {
    const learner = cycleCoopNets(
      nonlinear({
        optimizers: {
          energyX: every(2, adam({ learningRate: 1e-3 })),
          energyY: every(2, adam({ learningRate: 1e-3 })),
          translators: adam({ learningRate: 1e-3 }),
        },
      }),
    );
    const seen = batch();
    const first = await learner.init(key, seen);
    const { state: second } = await learner.update(first, seen, at);
    const { state: third } = await learner.update(second, seen, { key, iteration: 1 });
    expect(numbersOf(second.params.energyX)).not.toEqual(numbersOf(first.params.energyX));
    expect(numbersOf([third.params.energyX, third.params.energyY])).toEqual(
      numbersOf([second.params.energyX, second.params.energyY]),
    );
    expect(numbersOf(third.params.translators)).not.toEqual(numbersOf(second.params.translators));
  });

  const cloud = (mean: readonly [number, number], seed: number) =>
    gaussianMixture({ means: [mean], sd: 0.3 }).source({ size: 256, seed });

  const experiment = defineExperiment({
    data: unpaired(cloud([0, 0], 0), cloud([1, 1], 1)),
    model: () =>
      cycleCoopNets({
        ...nonlinear(),
        observe: ({ x, y }: { readonly x: PointBatch; readonly y: PointBatch }) => ({ x: x.points, y: y.points }),
      }),
    training: { iterations: 6, batchSize: 32, checkpointEvery: 2, logEvery: 1 },
  });

  it("resumes to the bytes of a run that was not stopped: networks, three optimisers, random numbers", async () => {
    await expectExactResume(experiment);
  });

  it("stops at numbers that are not finite, and keeps the last good checkpoint", async () => {
    const root = await mkdtemp(join(tmpdir(), "cycle-"));
    onTestFinished(() => rm(root, { recursive: true, force: true }));
    const wild = defineExperiment({
      data: unpaired(cloud([0, 0], 0), cloud([1, 1], 1)),
      model: () => {
        const learner = experiment.model({}, experiment.training);
        return {
          ...learner,
          async update(state: never, seen: never, context: { iteration: number; key: never }) {
            const next = await learner.update(state, seen, context);
            if (context.iteration < 3) return next;
            return { ...next, metrics: { ...next.metrics, loss: NaN } };
          },
        } as unknown as typeof learner;
      },
      training: { iterations: 6, batchSize: 32, checkpointEvery: 2, logEvery: 1 },
    });
    const run = train({ experiment: wild, config: resolveConfig(wild), folder: join(root, "wild") });
    await expect(run).rejects.toThrow(/training diverged: loss is NaN at iteration 4[\s\S]*checkpoints\/2/);
  });

  it("skips an update whose gradient is not finite in all parts together", async () => {
    const learner = cycleCoopNets(nonlinear());
    const seen = { ...batch(), x: tf.fill([5, 2], NaN) };
    const state = await learner.init(key, seen);
    const { state: next, metrics } = await learner.update(state, seen, at);
    expect(metrics["skipped"]).toBe(1);
    expect(numbersOf(next.params)).toEqual(numbersOf(state.params));
  });

  it("frees what it makes", async () => {
    const learner = cycleCoopNets(nonlinear());
    const seen = batch();
    const state = await learner.init(key, seen);
    const before = tf.memory().numTensors;
    tree.dispose((await learner.update(state, seen, at)).state);
    (await learner.translation.translate(state, seen.x, { to: "y", steps: 2, key })).dispose();
    expect(tf.memory().numTensors).toBe(before);
    await learner.dispose?.();
  });

  it.each([
    [{ chain: { steps: 0, drift: 1 } }, /chain.steps is 0/],
    [{ weights: { teaching: -1 } }, /weights.teaching is -1/],
    [{ weights: { cycle: { x: 1, y: -2 } } }, /weights.cycle.y is -2/],
    [{ error: "cubed" as "squared" }, /error is "cubed"/],
    [{ penalty: NaN }, /penalty is NaN/],
  ])("refuses wrong options (%#)", (wrong, message) => {
    expect(() => cycleCoopNets(nonlinear(wrong))).toThrow(ValidationError);
    expect(() => cycleCoopNets(nonlinear(wrong))).toThrow(message);
  });

  it("refuses another side, and steps that are no whole number", async () => {
    const learner = cycleCoopNets(nonlinear({ translators: { toX: identity() as Layer, toY: identity() as Layer } }));
    const state = await learner.init(key, batch());
    const ask = (how: object) => learner.translation.translate(state, tf.zeros([1, 2]), { key, ...how } as never);
    await expect(ask({ to: "z", steps: 0 })).rejects.toThrow(/to is "z"/);
    await expect(ask({ to: "x", steps: -1 })).rejects.toThrow(/steps is -1/);
  });
});
