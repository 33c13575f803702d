/**
 * Two ways of drawing parameters θ and data y jointly must agree (Geweke, "Getting it right", JASA
 * 99 (2004)).
 *
 * - The first draws θ from the prior and y given θ.
 * - The second alternates a kernel step of θ given y with a draw of y given θ.
 *
 * They agree only if the kernel leaves the posterior of every y invariant.
 *
 * The model is m ~ N(0, 1), s ~ N(0, ½²), three y ~ N(m, e^{2s}). Chains begin with draws of the
 * first kind and keep the joint law in every round. All are therefore independent, and z-scores of
 * moments are standard normal. The bound is |z| < 4 for 12 moments. A right kernel fails for 7.6e-4
 * of all keys, five kernels for 3.8e-3. Kernels with a mistake must be caught.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { tidy, useEngine } from "@ergodic/engine";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import {
  hmc,
  mala,
  nuts,
  openKernel,
  sample,
  type Energy,
  type HostKernel,
  type Kernel,
  type Mass,
} from "@ergodic/samplers";
import { flawedHmc } from "./flawed-kernels.js";
import { valuesOf } from "./support.js";

const [chains, observations] = [10_000, 3];

/**
 * θ = (m, s), `[chains, 2]`, and y, `[chains, 3]`, as the position of a kernel that does not move
 * y.
 */
type Joint = { readonly theta: tf.Tensor2D; readonly y: tf.Tensor2D };
type Options = { readonly energy: Energy<Joint>; readonly stepSize: number; readonly mass: Mass };
type Make = (options: Options) => Kernel<Joint> | HostKernel<Joint>;

/** M = I for θ; y has no velocity. */
const parametersOnly: Mass = {
  kind: "identity",
  init: () => [],
  momentum: (_, key, position) => stillData(random.normalLike(key, position)),
  velocity: (_, momentum) => stillData(momentum),
};
const stillData = <X extends TensorTree>(tangent: X): X => {
  const { theta, y } = tangent as unknown as Joint;
  return { theta, y: tf.zerosLike(y) } as unknown as X;
};

const part = (theta: tf.Tensor2D, i: number): tf.Tensor2D => tf.slice2d(theta, [0, i], [-1, 1]);

const dataGiven = (theta: tf.Tensor2D, key: Key): tf.Tensor2D =>
  tidy(() => {
    const noise = random.normal(key, [chains, observations]);
    return tf.add<tf.Tensor2D>(part(theta, 0), tf.mul(tf.exp(part(theta, 1)), noise));
  });

function fromPrior(key: Key): Joint {
  const [thetaKey, dataKey] = random.split(key) as [Key, Key];
  const theta = tf.mul<tf.Tensor2D>(random.normal(thetaKey, [chains, 2]), tf.tensor2d([[1, 0.5]]));
  return { theta, y: dataGiven(theta, dataKey) };
}

/** -log p(θ, y) up to a constant. */
const energy: Energy<Joint> = ({ theta, y }) => {
  const [m, s] = [part(theta, 0), part(theta, 1)];
  const prior = tf.add(tf.mul(0.5, tf.square(m)), tf.mul(2, tf.square(s)));
  const errors = tf.sum(tf.square(tf.sub(y, m)), 1, true);
  const likelihood = tf.add(tf.mul(observations, s), tf.mul(0.5, tf.mul(errors, tf.exp(tf.mul(-2, s)))));
  return tf.squeeze(tf.add(prior, likelihood), [1]);
};

/** Draws after `rounds` rounds, each with a kernel step of θ and a draw of y given θ. */
async function bySteps(kernel: ReturnType<Make>, rounds: number, key: Key): Promise<Joint> {
  const opened = openKernel(kernel);
  let { theta, y } = fromPrior(random.fold(key, 0));
  for (let round = 1; round <= rounds; round++) {
    const [stepKey, dataKey] = random.split(random.fold(key, round)) as [Key, Key];
    const { positions, state, info } = await sample(opened, { initial: { theta, y }, draws: 1, key: stepKey });
    tree.dispose([theta, y]);
    theta = tf.squeeze<tf.Tensor2D>(positions.theta, [1]);
    tree.dispose([positions, state, info as TensorTree]);
    y = dataGiven(theta, dataKey);
  }
  await opened.dispose();
  return { theta, y };
}

/** Functions of θ and y, one row of numbers per function. */
function moments({ theta, y }: Joint): number[][] {
  const [m, s] = [0, 1].map((i) => valuesOf(part(theta, i))) as [number[], number[]];
  const [mean, square] = [valuesOf(tf.mean(y, 1)), valuesOf(tf.mean(tf.square(y), 1))];
  const each = (f: (i: number) => number): number[] => m.map((_, i) => f(i));
  return [
    m,
    s,
    each((i) => m[i]! ** 2),
    each((i) => s[i]! ** 2),
    each((i) => m[i]! * s[i]!),
    each((i) => m[i]! ** 4),
    each((i) => s[i]! ** 3),
    mean,
    each((i) => m[i]! * mean[i]!),
    each((i) => Math.log(square[i]!)),
    each((i) => s[i]! * Math.log(square[i]!)),
    each((i) => Math.abs(m[i]! - mean[i]!)),
  ];
}

/** The difference of means divided by its standard error. */
function zScore(a: readonly number[], b: readonly number[]): number {
  const [one, two] = [a, b].map((values) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
    return { mean, error: variance / values.length };
  }) as [{ mean: number; error: number }, { mean: number; error: number }];
  return (one.mean - two.mean) / Math.sqrt(one.error + two.error);
}

/**
 * The largest |z| over all moments. Infinity for chains that diverged, whose moments are not
 * finite.
 */
async function disagreement(make: Make, stepSize: number, rounds: number): Promise<number> {
  const kernel = make({ energy, stepSize, mass: parametersOnly });
  const stepped = moments(await bySteps(kernel, rounds, random.key("stepped")));
  const scores = moments(fromPrior(random.key("direct"))).map((values, i) => Math.abs(zScore(values, stepped[i]!)));
  return scores.some(Number.isNaN) ? Infinity : Math.max(...scores);
}

beforeAll(async () => {
  await useEngine("onnx");
});

describe("both simulators agree for", () => {
  it.each<[string, number, Make]>([
    ["hmc", 0.3, (options) => hmc({ ...options, steps: 4 })],
    ["hmc, lengths drawn", 0.3, (options) => hmc({ ...options, steps: [1, 3, 6] })],
    ["mala", 0.6, (options) => mala(options)],
    ["nuts", 0.4, (options) => nuts(options)],
    ["hmc without a mistake", 0.4, (options) => flawedHmc(options, "nothing")],
  ])("%s", async (_, stepSize, make) => {
    expect(await disagreement(make, stepSize, 5)).toBeLessThan(4);
  });
});

describe("they do not agree for hmc that gets wrong", () => {
  it.each([
    ["the sign of the log ratio", 0.35, 1],
    ["the last half kick", 0.3, 10],
    ["the accept step", 0.3, 1],
  ] as const)("%s", async (flaw, stepSize, rounds) => {
    expect(await disagreement((options) => flawedHmc(options, flaw), stepSize, rounds)).toBeGreaterThan(4);
  });
});
