/**
 * Eight Gaussians learned by the short chains of the paper: every mode, and their shape. Learned by
 * chains that mix: a density, whose log Z is known by quadrature.
 */
import { compile, useEngine } from "@ergodic/engine";
import { adam } from "@ergodic/nn";
import { ladder, langevinSteps, proportionalSteps } from "@ergodic/noising";
import { ema, random, tree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { langevinSampler, malaSampler, recoveryLikelihood, type RecoveryLikelihoodOptions } from "../src/index.js";
import { ring, ringEnergy } from "./eight-gaussians.js";

beforeAll(() => useEngine("onnx"));

type Point = readonly [number, number];

/** The sum over three widths of the mean Gaussian kernel between two sets. */
function similarity(a: readonly Point[], b: readonly Point[]): number {
  let sum = 0;
  for (const [x, y] of a)
    for (const [u, v] of b)
      for (const width of [0.1, 0.3, 1]) sum += Math.exp(-((x - u) ** 2 + (y - v) ** 2) / (2 * width ** 2));
  return sum / (a.length * b.length);
}

/** The mode within 0.3 of a point, if any. */
const modeOf = ([x, y]: Point): number | undefined =>
  Array.from({ length: 8 }, (_, k) => k).find(
    (k) => Math.hypot(x - Math.cos((Math.PI * k) / 4), y - Math.sin((Math.PI * k) / 4)) < 0.3,
  );

const six = ladder.recovery(6);
const updates = 800;

type Options = RecoveryLikelihoodOptions<ReturnType<ReturnType<typeof ringEnergy>["init"]>, tf.Tensor>;

/** A learner after some updates, with its averaged parameters. */
async function trained(options: Pick<Options, "sampler" | "energyScale">) {
  const learner = recoveryLikelihood({
    model: ringEnergy(),
    optimizer: adam({
      learningRate: (step) => {
        const fall = tf.maximum(0.02, tf.minimum(1, tf.div(tf.sub(updates, step), 0.4 * updates)));
        return tf.mul(1e-3, tf.mul(tf.minimum(1, tf.div(tf.add(step, 1), 200)), fall)) as tf.Scalar;
      },
    }),
    observe: (batch: tf.Tensor) => batch,
    shape: [2],
    ...options,
  });
  let state = await learner.init(random.key(0), tf.zeros([1, 2]));
  const average = ema(0.995);
  const follow = compile((a: typeof state.params, p: typeof state.params, n: tf.Tensor) =>
    average.next(a, p, n as tf.Scalar),
  );
  let averaged = average.start(state.params);
  for (let i = 0; i < updates; i++) {
    const batch = ring.sample(random.fold(random.key("data"), i), 256);
    const next = await learner.update(state, batch, { key: random.fold(random.key("updates"), i), iteration: i });
    const moved = await follow(averaged, next.state.params, tf.scalar(i + 1));
    tree.dispose([state, averaged, batch]);
    [state, averaged] = [next.state, moved];
  }
  await follow.dispose();
  return { learner, state: { ...state, params: averaged } };
}

it("has every mode after 800 updates", async () => {
  const { learner, state } = await trained({
    sampler: langevinSampler({ steps: 30, stepSizes: langevinSteps(six, 2e-4) }),
  });
  const n = 1_000;
  const samples = await learner.sample(state, random.key("samples"), n);
  const [made, real] = [samples, ring.sample(random.key("fresh"), n)].map((x) => x.arraySync() as unknown as Point[]);
  const modes = made!.map(modeOf);
  const shares = Array.from({ length: 8 }, (_, k) => modes.filter((mode) => mode === k).length / n);
  expect(Math.min(...shares)).toBeGreaterThan(0.05);
  expect(shares.reduce((a, b) => a + b)).toBeGreaterThan(0.5);
  expect(similarity(made!, made!) + similarity(real!, real!) - 2 * similarity(made!, real!)).toBeLessThan(0.06);
  await learner.dispose?.();
});

it("has log Z between its bounds where chains mix", async () => {
  const { learner, state } = await trained({
    sampler: malaSampler({ steps: 10, stepSizes: proportionalSteps(six, 0.1, { narrowest: 0.1 }) }),
    energyScale: "noise",
  });
  // Z_0 = ∫ exp(-E(y, 0)) dy over a square of side 4, by the midpoint rule.
  const side = 300;
  const places = tf.mul(4 / side, tf.add(tf.range(0, side), 0.5 - side / 2));
  const square = tf.stack([tf.reshape(tf.tile(tf.expandDims(places, 1), [1, side]), [-1]), tf.tile(places, [side])], 1);
  const { energy } = await learner.energiesAt(state, square, 0);
  const exact = tf.add(tf.logSumExp(tf.neg(energy)), 2 * Math.log(4 / side)).dataSync()[0]!;
  const { logPartition, reverse } = await learner.likelihood!.partition(state, random.key(1));
  expect(logPartition).toBeLessThan(exact + 0.15);
  expect(logPartition).toBeGreaterThan(exact - 0.6);
  expect(reverse!).toBeGreaterThan(exact - 0.15);
  expect(reverse!).toBeLessThan(exact + 1);
  await learner.dispose?.();
});
