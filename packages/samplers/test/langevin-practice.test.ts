/**
 * Langevin dynamics as energy models use it: separate drift and noise, schedules, clipping,
 * clamping, preconditioning, a last step without noise.
 *
 * Variances of 100,000 chains are within 5 standard errors of the exact ones. With 20 comparisons
 * and fixed keys a false alarm has probability 1e-5.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, useEngine } from "@ergodic/engine";
import { random, ValidationError, type Key } from "@ergodic/tensor";
import {
  denseMass,
  diagonalMass,
  effectiveTemperature,
  identityMass,
  langevin,
  mala,
  runChain,
  runSteps,
  type HamiltonianOptions,
  type Kernel,
  type LangevinOptions,
  type LangevinState,
  type Mass,
} from "@ergodic/samplers";
import { expectGaussian, valuesOf } from "./support.js";

const chains = 100_000;
const key = random.key("practice");
const halfSquare = (x: tf.Tensor): tf.Tensor => tf.mul(0.5, tf.sum(tf.square(x), [1]));
const quartic = (x: tf.Tensor): tf.Tensor => tf.add(halfSquare(x), tf.sum(tf.pow(x, 4), [1]));
const start = (): tf.Tensor => random.normal(random.key("start"), [chains, 1]);
/** The end of a single step without noise. */
const descend = (options: Pick<LangevinOptions, "gradientClip">, initial: number[][]) =>
  runSteps(langevin({ energy: halfSquare, stepSize: 1, withNoise: false, ...options }), tf.tensor2d(initial), {
    steps: 1,
    key,
  }).position.arraySync() as number[][];

beforeAll(async () => {
  await useEngine("onnx");
});

describe("drift and noise", () => {
  it("a step of 1 on N(0, 1) has variance 4/3", async () => {
    const kernel = langevin({ energy: halfSquare, stepSize: 1 });
    const { position } = await runChain(kernel, { initial: start(), steps: 60, key });
    expectGaussian(position, { mean: [0], covariance: [[4 / 3]] });
  });

  it.each([
    [0.2, 0.3, 1],
    [0.6, 0.1, 1.5],
    [1.7, 2, 1],
  ])("drift %f, noise %f on N(0, %f²): variance s²σ⁴/(α(2σ² - α))", async (drift, noise, sd) => {
    const energy = (x: tf.Tensor) => tf.div(halfSquare(x), sd * sd);
    const kernel = langevin({ energy, drift, noise });
    const { position } = await runChain(kernel, { initial: start(), steps: 100, key });
    const variance = (noise ** 2 * sd ** 4) / (drift * (2 * sd ** 2 - drift));
    expectGaussian(position, { mean: [0], covariance: [[variance]] });
    // As the drift shrinks relative to σ², that variance approaches σ² times the effective
    // temperature.
    expect((variance / sd ** 2) * (1 - drift / (2 * sd ** 2))).toBeCloseTo(effectiveTemperature({ drift, noise }), 12);
  });

  it("the temperature of published settings", () => {
    expect(effectiveTemperature({ drift: 10, noise: 0.005 })).toBeCloseTo(1.25e-6, 15);
    expect(effectiveTemperature({ drift: 1, noise: 0.01 })).toBeCloseTo(5e-5, 15);
    expect(effectiveTemperature({ stepSize: 0.4 })).toBeCloseTo(1, 15);
    expect(effectiveTemperature({ stepSize: 0.4, noise: 0.2, temperature: 3 })).toBeCloseTo(0.75, 15);
    expect(() => effectiveTemperature({ stepSize: 0.4, noise: -1 })).toThrow(/noise is -1/);
  });

  it("a drift α is the step √(2α), draw for draw", async () => {
    const run = async (kernel: Kernel<tf.Tensor, LangevinState<tf.Tensor>>) =>
      valuesOf((await runChain(kernel, { initial: tf.ones([5, 2]), steps: 7, key })).position);
    const byDrift = await run(langevin({ energy: quartic, drift: 0.08 }));
    (await run(langevin({ energy: quartic, stepSize: 0.4 }))).forEach((value, i) =>
      expect(byDrift[i]).toBeCloseTo(value, 5),
    );
  });
});

describe("schedules", () => {
  it("give each step its own scales: the variance follows v' = (1 - s²/2)² v + η²", async () => {
    const [stepSize, noise] = [(t: number) => 0.9 / (1 + t), (t: number) => 0.5 * 0.9 ** t];
    const kernel = langevin({
      energy: halfSquare,
      stepSize: (step) => tf.div(0.9, tf.add(step, 1)),
      noise: (step) => tf.mul(0.5, tf.pow(0.9, step)),
    });
    const { position } = await runChain(kernel, { initial: start(), steps: 11, key });
    let variance = 1;
    for (let t = 0; t < 11; t++) variance = (1 - stepSize(t) ** 2 / 2) ** 2 * variance + noise(t) ** 2;
    expectGaussian(position, { mean: [0], covariance: [[variance]] });
  });

  it("are part of one program, whatever the step", async () => {
    const kernel = langevin({ energy: halfSquare, drift: (step) => tf.div(0.1, tf.add(step, 1)) });
    const step = compile((state: LangevinState<tf.Tensor>, k: Key) => kernel.step(state, k)[0]);
    let state = kernel.init(tf.ones([3, 1]));
    for (let t = 0; t < 5; t++) state = await step(state, random.fold(key, t));
    expect(valuesOf(state.step)).toEqual([5]);
    expect(step.programs).toBe(1);
  });

  it("the last of K steps adds no noise", async () => {
    const options = { energy: quartic, stepSize: 0.3 } as const;
    const initial = random.normal(random.key(1), [6, 2]);
    const denoised = await runChain(langevin({ ...options, denoiseLast: 5 }), { initial, steps: 5, key });
    const before = await runChain(langevin(options), { initial, steps: 4, key });
    const last = await runChain(langevin({ ...options, withNoise: false }), {
      initial: before.position,
      steps: 1,
      key,
    });
    valuesOf(denoised.position).forEach((value, i) => expect(value).toBeCloseTo(valuesOf(last.position)[i]!, 6));
    const noisy = await runChain(langevin(options), { initial, steps: 5, key });
    expect(valuesOf(noisy.position)).not.toEqual(valuesOf(denoised.position));
  });
});

describe("bounds", () => {
  it("clip every number of the gradient, or each chain's gradient to a length", () => {
    const x = [
      [3, -0.1],
      [0.03, 0.04],
      [0, 0],
    ];
    const byElement = descend({ gradientClip: { limit: 0.5 } }, x);
    const expected = [
      [3 - 0.25, -0.05],
      [0.015, 0.02],
      [0, 0],
    ];
    byElement.flat().forEach((value, i) => expect(value).toBeCloseTo(expected.flat()[i]!, 6));
    const byNorm = descend({ gradientClip: { limit: 0.5, by: "norm" } }, [...x, [3, 4]]);
    [0.015, 0.02, 0, 0, 3 - 0.5 * 0.3, 4 - 0.5 * 0.4].forEach((value, i) =>
      expect(byNorm.flat()[i + 2]).toBeCloseTo(value, 6),
    );
    expect(Math.hypot(3 - byNorm[0]![0]!, -0.1 - byNorm[0]![1]!)).toBeCloseTo(0.25, 6);
  });

  it("the norm is that over all leaves of a chain, and is reported before clipping", () => {
    const energy = ({ a, b }: { a: tf.Tensor; b: tf.Tensor }) => tf.add(halfSquare(a), halfSquare(b));
    const kernel = langevin({ energy, stepSize: 1, withNoise: false, gradientClip: { limit: 1, by: "norm" } });
    const { position, info } = runSteps(kernel, { a: tf.tensor2d([[3]]), b: tf.tensor2d([[4]]) }, { steps: 1, key });
    expect(valuesOf(position.a)[0]).toBeCloseTo(3 - 0.3, 6);
    expect(valuesOf(position.b)[0]).toBeCloseTo(4 - 0.4, 6);
    expect(valuesOf(info.gradientNorm)).toEqual([5]);
  });

  it("gradients of any size keep their direction and have their norm", async () => {
    const slopes = [[3e25, -4e25], [3e38, 3e38], [3e-30, 4e-30]]; // prettier-ignore
    const energy = (x: tf.Tensor) => tf.sum(tf.mul(x, tf.tensor2d(slopes)), 1);
    const kernel = langevin({ energy, stepSize: 1, withNoise: false, gradientClip: { limit: 2, by: "norm" } });
    const { position, info } = await runChain(kernel, { initial: tf.zeros([3, 2]), steps: 1, key });
    // Halves of a gradient of length 2 along (3, -4)/5 and (1, 1)/√2, and of one that is already
    // short.
    [-0.6, 0.8, -Math.SQRT1_2, -Math.SQRT1_2].forEach((x, i) => expect(valuesOf(position)[i]).toBeCloseTo(x, 6));
    [-1.5e-30, -2e-30].forEach((x, i) => expect(valuesOf(position)[i + 4]! / x).toBeCloseTo(1, 6));
    const norms = valuesOf(info.gradientNorm);
    expect(norms[0]! / 5e25).toBeCloseTo(1, 6);
    expect(norms[1]).toBe(Infinity);
    expect(norms[2]! / 5e-30).toBeCloseTo(1, 6);
  });

  it("clamp positions after the noise", async () => {
    const kernel = langevin({ energy: halfSquare, drift: 0.01, noise: 2, clamp: [-1, 0.5] });
    const { position } = await runChain(kernel, { initial: tf.zeros([1000, 1]), steps: 3, key });
    const values = valuesOf(position);
    expect(Math.min(...values)).toBe(-1);
    expect(Math.max(...values)).toBe(0.5);
    expect(values.filter((x) => x > -1 && x < 0.5).length).toBeGreaterThan(100);
  });
});

describe("a preconditioner is a change of coordinates: the same randomness gives the same chain", () => {
  const initial = () => random.normal(random.key(5), [6, 2], { sd: 0.4 });
  const lower = [
    [0.8, 0],
    [0.5, 0.6],
  ];
  const covariance = [
    [0.64, 0.4],
    [0.4, 0.61],
  ];
  /** x = A y for each row. */
  const mapped = (matrix: number[][], y: tf.Tensor): tf.Tensor =>
    tf.matMul(y as tf.Tensor2D, tf.tensor2d(matrix), false, true);
  const run = (kernel: Kernel<tf.Tensor>, from: tf.Tensor) =>
    runChain(kernel, { initial: from, steps: 12, key: random.key("same") });
  type Options = Pick<HamiltonianOptions, "energy" | "mass"> & { stepSize: number };
  const kernels: readonly (readonly [string, (options: Options) => Kernel<tf.Tensor>])[] = [
    ["langevin", (options) => langevin(options)],
    ["mala", (options) => mala(options)],
  ];

  it.each(kernels)("%s, diagonal", async (_, make) => {
    const scales = [
      [0.5, 0],
      [0, 2],
    ];
    const mass = diagonalMass(tf.tensor1d([0.25, 4]));
    const scaled = await run(make({ energy: quartic, stepSize: 0.2, mass }), mapped(scales, initial()));
    const energy = (y: tf.Tensor) => quartic(mapped(scales, y));
    const plain = await run(make({ energy, stepSize: 0.2, mass: identityMass() }), initial());
    const difference = tf.sub(scaled.position, mapped(scales, plain.position));
    expect(valuesOf(tf.max(tf.abs(difference)))[0]).toBeLessThan(1e-4);
  });

  it.each(kernels)("%s, dense", async (_, make) => {
    // With C = LLᵀ the kernel's own noise is Cp, p = L⁻ᵀξ, which is Lξ: x = L y.
    const mass: Mass = denseMass(covariance);
    const scaled = await run(make({ energy: quartic, stepSize: 0.2, mass }), mapped(lower, initial()));
    const energy = (y: tf.Tensor) => quartic(mapped(lower, y));
    const plain = await run(make({ energy, stepSize: 0.2, mass: identityMass() }), initial());
    const difference = tf.sub(scaled.position, mapped(lower, plain.position));
    expect(valuesOf(tf.max(tf.abs(difference)))[0]).toBeLessThan(1e-4);
  });

  it("unadjusted, on its own covariance, all directions have the bias of one", async () => {
    const precision = tf.tensor2d([
      [0.61 / 0.2304, -0.4 / 0.2304],
      [-0.4 / 0.2304, 0.64 / 0.2304],
    ]);
    const energy = (x: tf.Tensor) => tf.mul(0.5, tf.sum(tf.mul(x, tf.matMul(x as tf.Tensor2D, precision)), [1]));
    const kernel = langevin({ energy, stepSize: 1, mass: denseMass(covariance) });
    const { position } = await runChain(kernel, { initial: tf.zeros([chains, 2]), steps: 60, key });
    const inflated = covariance.map((row) => row.map((value) => (4 / 3) * value));
    expectGaussian(position, { mean: [0, 0], covariance: inflated });
  });
});

it("names options that are wrong", () => {
  const make = (options: object) => () => langevin({ energy: halfSquare, ...options } as unknown as LangevinOptions);
  expect(make({})).toThrow(/neither stepSize nor drift, expected one of them/);
  expect(make({ stepSize: 1, drift: 1 })).toThrow(/both stepSize and drift/);
  expect(make({ drift: 0 })).toThrow(/drift is 0, expected a finite number > 0/);
  expect(make({ stepSize: "big" })).toThrow(/stepSize is "big", expected a number, a tensor or a schedule/);
  expect(make({ stepSize: 1, gradientClip: { limit: 0 } })).toThrow(/gradientClip.limit is 0/);
  expect(make({ stepSize: 1, gradientClip: { limit: 1, by: "leaf" } })).toThrow(/gradientClip.by is "leaf"/);
  expect(make({ stepSize: 1, clamp: [1, 1] })).toThrow(/clamp is \[1, 1\], expected \[low, high\] with low < high/);
  expect(make({ stepSize: 1, denoiseLast: 0 })).toThrow(ValidationError);
  const unfit = langevin({ energy: halfSquare, stepSize: 1, mass: diagonalMass(tf.ones([3])) });
  expect(() => unfit.init(tf.zeros([2, 2]))).toThrow(/the inverse mass has shape \[3\], expected \[2\]/);
  const named = langevin({ energy: halfSquare, stepSize: 1, mass: diagonalMass({ a: tf.ones([2]) }) });
  expect(() => named.init(tf.zeros([2, 2]))).toThrow(ValidationError);
});
