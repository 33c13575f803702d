/** Initialisers and solvers of pairs: closed forms with bilinear energies E(y; x) = yᵀ W x. */
import { pairEnergy, mlpEnergy, type ConditionalEnergy } from "@ergodic/energies";
import { useEngine } from "@ergodic/engine";
import { adam, dense, mlp, sgd, type Layer } from "@ergodic/nn";
import { random } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { pairedCoopNets, resolvePaired, type PairedCoopNetsOptions } from "../src/index.js";
import { difference, numbersOf, valuesOf } from "./support.js";

type Points = { readonly x: tf.Tensor; readonly y: tf.Tensor };
const key = random.key("paired");
const at = { key, iteration: 0 };

const bilinear = (weight: readonly number[][]): ConditionalEnergy => ({
  init: () => ({ weight: tf.tensor2d(weight.map((row) => [...row])) }),
  energy: (params, y, x) => tf.sum(tf.mul(y, tf.matMul(x, (params as { weight: tf.Tensor2D }).weight, false, true)), 1),
});

const weights = {
  x: [
    [1, -0.5],
    [0.25, 2],
  ],
  y: [
    [-1, 0.5],
    [0, 0.75],
  ],
};
const descent = sgd({ learningRate: 1 });

/** Chains without noise that end at ŷ - W x. */
const exact = (given: Partial<PairedCoopNetsOptions<Points>> = {}) =>
  pairedCoopNets<Points>({
    energies: { x: bilinear(weights.x), y: bilinear(weights.y) },
    translators: { toX: dense({ in: 2, out: 2 }), toY: dense({ in: 2, out: 2 }) },
    chain: { steps: 4, drift: 0.25, withNoise: false },
    optimizers: { energyX: descent, energyY: descent, translators: descent },
    observe: (batch) => batch,
    ...given,
  });

const batch = (): Points => ({
  x: random.normal(random.key("x"), [5, 2]),
  y: random.normal(random.key("y"), [5, 2], { mean: 1 }),
});

type Affine = { readonly weight: tf.Tensor2D; readonly bias: tf.Tensor };
const applied = (of: unknown, x: tf.Tensor): tf.Tensor => {
  const { weight, bias } = of as Affine;
  return tf.add(tf.matMul(x as tf.Tensor2D, weight), bias);
};

const directions = [
  ["x", "y", "toX", "energyX"],
  ["y", "x", "toY", "energyY"],
] as const;

describe.each(["cpu", "onnx"] as const)("an update of pairs on %s", (engine) => {
  beforeAll(() => useEngine(engine));

  it("moves each energy by the difference of mean y xᵀ and mean ỹ xᵀ, and teaches by the step W x", async () => {
    const learner = exact({ weights: { teaching: 3 } });
    const seen = batch();
    const state = await learner.init(key, seen);
    const { state: next, metrics } = await learner.update(state, seen, at);
    for (const [side, source, to, part] of directions) {
      const step = tf.matMul(seen[source] as tf.Tensor2D, tf.tensor2d(weights[side]), false, true);
      const end = tf.sub(applied(state.params.translators[to], seen[source]), step);
      const outer = tf.div(tf.matMul(tf.sub(seen[side], end) as tf.Tensor2D, seen[source] as tf.Tensor2D, true), 5);
      const moved = numbersOf(next.params[part]).map((value, i) => weights[side].flat()[i]! - value);
      expect(difference(moved, valuesOf(outer))).toBeLessThan(1e-5);
      // mean (ŷ - ỹ)² over 5 x 2 numbers has ∂/∂b = mean W x.
      const [before, after] = [state.params.translators[to] as Affine, next.params.translators[to] as Affine];
      const taught = valuesOf(tf.mul(3, tf.mean(step, 0)));
      expect(difference(valuesOf(tf.sub(before.bias, after.bias)), taught)).toBeLessThan(1e-5);
    }
    expect(metrics["cycle.x"]).toBeUndefined();
  });

  it("refines a translation with its source held fixed", async () => {
    const learner = exact();
    const seen = batch();
    const state = await learner.init(key, seen);
    for (const [side, source] of directions) {
      const how = { to: side, key };
      const raw = await learner.translation.translate(state, seen[source], { ...how, steps: 0 });
      const refined = await learner.translation.translate(state, seen[source], { ...how, steps: 4 });
      const step = tf.matMul(seen[source] as tf.Tensor2D, tf.tensor2d(weights[side]), false, true);
      expect(difference(valuesOf(tf.sub(raw, refined)), valuesOf(step))).toBeLessThan(1e-5);
    }
  });
});

describe("pairs", () => {
  beforeAll(() => useEngine("onnx"));

  /** Pairs of points on a circle and the same turned by a right angle. */
  const turned = (seed: number): Points => {
    const angle = random.uniform(random.key(seed), [64], { high: 2 * Math.PI });
    const x = tf.stack([tf.cos(angle), tf.sin(angle)], 1);
    return { x, y: tf.stack([tf.neg(tf.sin(angle)), tf.cos(angle)], 1) };
  };

  it("find a turn that single points do not show", async () => {
    const rate = (learningRate: number) => adam({ learningRate, beta1: 0.5 });
    const network = (): Layer => mlp({ in: 2, widths: [32], out: 2, activation: "swish" });
    const energy = () => pairEnergy(mlpEnergy({ in: 4, widths: [64], activation: "swish" }));
    const learner = pairedCoopNets<Points>({
      energies: { x: energy(), y: energy() },
      translators: { toX: network(), toY: network() },
      chain: { steps: 5, stepSize: 0.2, referenceSd: 2 },
      optimizers: { energyX: rate(3e-3), energyY: rate(3e-3), translators: rate(3e-3) },
      observe: (seen) => seen,
    });
    let state = await learner.init(key, turned(0));
    for (let iteration = 0; iteration < 250; iteration++)
      ({ state } = await learner.update(state, turned(iteration), { key: random.fold(key, iteration), iteration }));
    const { x, y } = turned(1_000);
    const made = await learner.translation.translate(state, x, { to: "y", steps: 0, key });
    const error = tf.mean(tf.norm(tf.sub(made, y), "euclidean", 1)).dataSync()[0]!;
    // The input itself is √2 away, and any point of the circle 4/π on average.
    expect(error).toBeLessThan(0.3);
  });

  it("keep weights that are given, and have no cycles otherwise", () => {
    const options = {
      energies: { x: bilinear(weights.x), y: bilinear(weights.y) },
      translators: { toX: dense({ in: 2, out: 2 }), toY: dense({ in: 2, out: 2 }) },
      chain: { steps: 1, drift: 1 },
      optimizers: { energyX: descent, energyY: descent, translators: descent },
    };
    expect(resolvePaired(options).weights).toEqual({ teaching: 1, cycle: { x: 0, y: 0 }, identity: 0 });
    const cycle = { x: 2, y: 3 };
    expect(resolvePaired({ ...options, weights: { cycle } }).weights.cycle).toEqual(cycle);
    expect(() => resolvePaired({ ...options, weights: { teaching: -1 } })).toThrow(/weights.teaching is -1/);
  });
});
