/**
 * HMC and MALA: exact properties of the integrator, the acceptance rule, and the laws of long runs.
 *
 * Moments are those of 4,000 independent chains, so standard errors are exact. With 12 comparisons
 * at 5 standard errors and fixed keys, a false alarm has probability below 1e-5. Everything is
 * float32, which rounds numbers of size 1 by 6e-8.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, useEngine } from "@ergodic/engine";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import { denseMass, diagonalMass, hmc, identityMass, mala, runChain, type Mass } from "@ergodic/samplers";
import { hamiltonian, type PhasePoint } from "../src/hamiltonian.js";
import { trajectory } from "../src/hmc.js";
import { acceptanceOf, isDivergent } from "../src/metropolis.js";
import { enginesOfLongRuns, enginesOnThisMachine, expectGaussian, valuesOf } from "./support.js";

const halfSquare = (x: tf.Tensor): tf.Tensor => tf.mul(0.5, tf.sum(tf.square(x), [1]));
const quartic = (x: tf.Tensor): tf.Tensor => tf.add(halfSquare(x), tf.sum(tf.pow(x, 4), [1]));

/** The end of L leapfrog steps from the given x and p, and ΔH. */
function integrate(
  x: number[][],
  p: number[][],
  {
    energy = halfSquare,
    mass = identityMass(),
    stepSize,
    steps,
  }: Partial<{ energy: typeof halfSquare; mass: Mass }> & {
    stepSize: number;
    steps: number;
  },
) {
  const system = hamiltonian<tf.Tensor>({ energy, mass }, "test");
  const position = tf.tensor2d(x);
  const motion = { stepSize: tf.scalar(stepSize), inverseMass: mass.init(position) };
  const start: PhasePoint<tf.Tensor> = { position, ...system.evaluate(position), momentum: tf.tensor2d(p) };
  const end = trajectory(system, start, motion, { longest: steps });
  const error = tf.sub(system.total(end, motion), system.total(start, motion));
  return {
    x: end.position.arraySync() as number[][],
    p: end.momentum.arraySync() as number[][],
    error: valuesOf(error),
  };
}

describe("the leapfrog integrator", () => {
  beforeAll(async () => {
    await useEngine("cpu");
  });

  it("gives the reference trajectory of the harmonic oscillator and keeps p² + x²(1 - ε²/4)", () => {
    const { x, p, error } = integrate([[1]], [[0.5]], { stepSize: 0.3, steps: 5 });
    expect(x[0]![0]).toBeCloseTo(0.56971763905, 6);
    expect(p[0]![0]).toBeCloseTo(-0.9540570323575, 6);
    expect(error[0]).toBeCloseTo(-0.007598495382247, 6);
    expect(p[0]![0]! ** 2 + x[0]![0]! ** 2 * (1 - 0.3 ** 2 / 4)).toBeCloseTo(1.2275, 5);
  });

  it("retraces its steps when the momentum is flipped", () => {
    const start = [
      [0.7, -1.1],
      [-0.2, 0.4],
    ];
    const there = integrate(
      start,
      [
        [0.3, 1.2],
        [-1, 0.1],
      ],
      { energy: quartic, stepSize: 0.1, steps: 12 },
    );
    const flipped = there.p.map((row) => row.map((value) => -value));
    const back = integrate(there.x, flipped, { energy: quartic, stepSize: 0.1, steps: 12 });
    expect(Math.abs(there.x[0]![0]! - 0.7)).toBeGreaterThan(0.1);
    back.x.forEach((row, i) => row.forEach((value, j) => expect(value).toBeCloseTo(start[i]![j]!, 5)));
  });

  it("preserves volume: the Jacobian of five steps has determinant 1", () => {
    // Central differences of float32 with h = 0.02 and a smooth map have an error of about 1e-4
    // from h² and 1e-5 from rounding.
    const h = 0.02;
    const at = (dx: number, dp: number) => {
      const { x, p } = integrate([[0.4 + dx]], [[0.9 + dp]], { energy: quartic, stepSize: 0.15, steps: 5 });
      return [x[0]![0]!, p[0]![0]!] as const;
    };
    const column = (dx: number, dp: number) => at(dx, dp).map((v, i) => (v - at(-dx, -dp)[i]!) / (2 * h));
    const [a, b] = [column(h, 0), column(0, h)];
    expect(a[0]! * b[1]! - a[1]! * b[0]!).toBeCloseTo(1, 2);
    expect(Math.abs(a[0]! - 1)).toBeGreaterThan(0.1);
    // For a quadratic energy the map is linear. Its columns are the images of unit vectors.
    const ends = integrate([[1], [0]], [[0], [1]], { stepSize: 0.7, steps: 5 });
    const [[xx, xp], [px, pp]] = [ends.x.flat(), ends.p.flat()] as [[number, number], [number, number]];
    expect(Math.abs(xx * pp - xp * px - 1)).toBeLessThan(2e-6);
  });

  it("has an energy error of second order in the step", () => {
    const chains = 64;
    const x = random.normal(random.key(1), [chains, 2]).arraySync() as number[][];
    const p = random.normal(random.key(2), [chains, 2]).arraySync() as number[][];
    const worst = (stepSize: number) =>
      Math.max(...integrate(x, p, { stepSize, steps: Math.round(2 / stepSize) }).error.map(Math.abs));
    expect(worst(0.2) / worst(0.1)).toBeGreaterThan(3.6);
    expect(worst(0.2) / worst(0.1)).toBeLessThan(4.4);
  });
});

describe("the acceptance rule", () => {
  beforeAll(async () => {
    await useEngine("cpu");
  });

  it("is min(1, exp(-ΔH)), and never accepts what is not finite", () => {
    const errors = tf.tensor1d([0.5, -2, NaN, Infinity, -Infinity, 2000, 0]);
    const expected = [Math.exp(-0.5), 1, 0, 0, 0, 0, 1];
    valuesOf(acceptanceOf(errors)).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 6));
    expect(valuesOf(isDivergent(errors))).toEqual([0, 0, 1, 1, 1, 1, 0]);
  });

  it.each([
    [1.5, 0.8, -0.3, 0.78, 0.131328],
    [0.2, 1.2, 1.7, 2.096, -0.78357888],
  ])("MALA from %f: the reference proposal and ratio", (x, stepSize, xi, proposal, logRatio) => {
    const end = integrate([[x]], [[xi]], { stepSize, steps: 1 });
    expect(end.x[0]![0]).toBeCloseTo(proposal, 6);
    expect(-end.error[0]!).toBeCloseTo(logRatio, 6);
  });

  it("one leapfrog step is MALA's proposal with the Metropolis-Hastings ratio, for any mass", () => {
    // The formulas of MALA in float64: C = LLᵀ, x' = x - (ε²/2) C∇U(x) + ε Lξ, and the two proposal
    // densities.
    const d = 5;
    const lower = Array.from({ length: d }, (_, i) =>
      Array.from({ length: d }, (_, j) => (j > i ? 0 : j === i ? 0.6 + 0.1 * i : 0.2 * Math.cos(i + 3 * j))),
    );
    const covariance = lower.map((row) => lower.map((other) => row.reduce((sum, v, k) => sum + v * other[k]!, 0)));
    const solve = (b: number[]): number[] => {
      const y: number[] = [];
      lower.forEach((row, i) => y.push((b[i]! - y.reduce((sum, v, k) => sum + row[k]! * v, 0)) / row[i]!));
      return y;
    };
    const times = (matrix: number[][], v: number[]) =>
      matrix.map((row) => row.reduce((sum, a, k) => sum + a * v[k]!, 0));
    const energy = (x: number[]) => x.reduce((sum, v) => sum + (v * v) / 2 + v ** 4, 0);
    const gradient = (x: number[]) => x.map((v) => v + 4 * v ** 3);
    const epsilon = 0.3;
    const x = [0.3, -0.5, 0.1, 0.7, -0.2];
    const xi = [0.4, -1.2, 0.9, 0.2, -0.6];
    const mean = (from: number[]) => times(covariance, gradient(from)).map((v, i) => from[i]! - (epsilon ** 2 / 2) * v);
    const proposal = mean(x).map((v, i) => v + epsilon * times(lower, xi)[i]!);
    const distance = (to: number[], from: number[]) =>
      solve(to.map((v, i) => v - mean(from)[i]!)).reduce((sum, v) => sum + v * v, 0) / (2 * epsilon ** 2);
    const logRatio = energy(x) - energy(proposal) + distance(proposal, x) - distance(x, proposal);

    const momentum: number[] = new Array(d).fill(0);
    for (let i = d - 1; i >= 0; i--) {
      momentum[i] = (xi[i]! - momentum.reduce((sum, v, k) => sum + (k > i ? lower[k]![i]! * v : 0), 0)) / lower[i]![i]!;
    }
    const end = integrate([x], [momentum], {
      energy: quartic,
      mass: denseMass(covariance),
      stepSize: epsilon,
      steps: 1,
    });
    proposal.forEach((v, i) => expect(end.x[0]![i]).toBeCloseTo(v, 5));
    expect(Math.abs(logRatio)).toBeGreaterThan(0.01);
    expect(-end.error[0]!).toBeCloseTo(logRatio, 4);
  });
});

const chains = 4000;

describe.each(enginesOfLongRuns)("long runs on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });
  const target = {
    mean: [0, 0],
    covariance: [
      [1, 0.6],
      [0.6, 1],
    ],
  };
  const correlated = (x: tf.Tensor): tf.Tensor => {
    const [precision, cross] = [1 / 0.64, -0.6 / 0.64];
    const swapped = tf.reverse(x, 1);
    return tf.mul(0.5, tf.sum(tf.add(tf.mul(precision, tf.square(x)), tf.mul(cross, tf.mul(x, swapped))), [1]));
  };

  it.each([
    ["MALA, a step at which ULA has variance 4/3", () => mala({ energy: correlated, stepSize: 0.8 })],
    ["HMC", () => hmc({ energy: correlated, stepSize: 0.5, steps: 4 })],
    [
      "HMC with lengths drawn",
      () => hmc({ energy: correlated, stepSize: 0.5, steps: [1, 3, 6], mass: identityMass() }),
    ],
    [
      "HMC with a dense mass",
      () => hmc({ energy: correlated, stepSize: 0.6, steps: 3, mass: denseMass(target.covariance) }),
    ],
    [
      "HMC with a diagonal mass",
      () => hmc({ energy: correlated, stepSize: 0.4, steps: 3, mass: diagonalMass(tf.tensor1d([0.5, 2])) }),
    ],
  ])("%s leaves the target as it is", async (_, make) => {
    const kernel = make();
    const { position, info } = await runChain(kernel, {
      initial: random.normal(random.key("start"), [chains, 2]),
      steps: 30,
      key: random.key("long"),
    });
    expectGaussian(position, target);
    const rate = valuesOf(tf.mean(tf.cast(info.accepted, "float32")))[0]!;
    expect(rate).toBeGreaterThan(0.4);
    expect(rate).toBeLessThan(0.9999);
    // The outcomes agree with their probabilities within 5 standard errors of a frequency.
    const probability = valuesOf(tf.mean(info.acceptProb))[0]!;
    expect(Math.abs(rate - probability)).toBeLessThan(5 * Math.sqrt(0.25 / chains));
  });
});

describe.each(enginesOnThisMachine)("chains on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it("temperature T makes the variance T", async () => {
    const kernel = hmc({ energy: halfSquare, stepSize: 0.8, steps: 3, temperature: 2.5 });
    const initial = tf.zeros([chains, 1]);
    const { position } = await runChain(kernel, { initial, steps: 30, key: random.key("hot") });
    expectGaussian(position, { mean: [0], covariance: [[2.5]] });
  });

  it("exp(-ΔH) has mean 1 in equilibrium", async () => {
    const kernel = hmc({ energy: halfSquare, stepSize: 1.1, steps: 3, mass: identityMass() });
    const initial = random.normal(random.key("exact"), [chains, 4]);
    const { info } = await runChain(kernel, { initial, steps: 1, key: random.key("jarzynski") });
    const weights = valuesOf(tf.exp(tf.neg(info.energyError)));
    const mean = weights.reduce((sum, w) => sum + w, 0) / chains;
    const sd = Math.sqrt(weights.reduce((sum, w) => sum + (w - mean) ** 2, 0) / chains);
    expect(sd).toBeGreaterThan(0.1);
    expect(Math.abs(mean - 1)).toBeLessThan((5 * sd) / Math.sqrt(chains));
  });

  it("a mass is a change of coordinates: the same randomness gives the same chain", async () => {
    // With M⁻¹ = diag(s²) and x = s·y the chain of x under E(x) is s times that of y under E(s·y)
    // with unit mass.
    const scales = tf.tensor1d([0.5, 2]);
    const common = { stepSize: 0.3, steps: 3 };
    const start = random.normal(random.key(5), [6, 2]);
    const options = { steps: 12, key: random.key("same") };
    const scaled = await runChain(hmc({ ...common, energy: quartic, mass: diagonalMass(tf.square(scales)) }), {
      ...options,
      initial: tf.mul(scales, start),
    });
    const plain = await runChain(hmc({ ...common, energy: (y) => quartic(tf.mul(scales, y)), mass: identityMass() }), {
      ...options,
      initial: start,
    });
    const difference = tf.sub(scaled.position, tf.mul(scales, plain.position));
    expect(valuesOf(tf.max(tf.abs(difference)))[0]).toBeLessThan(1e-4);
  });

  it("rejects what leaves the domain of the energy, and says so", async () => {
    // E = NaN beyond |x| = 1: a uniform law that no chain may leave.
    const walled = (x: tf.Tensor): tf.Tensor =>
      tf.squeeze(tf.where(tf.greater(tf.abs(x), 1), tf.fill(x.shape, NaN), tf.mul(0, x)), [1]);
    const kernel = hmc({ energy: walled, stepSize: 0.8, steps: 1 });
    const { position, info } = await runChain(kernel, {
      initial: tf.zeros([chains, 1]),
      steps: 25,
      key: random.key(8),
    });
    expect(valuesOf(tf.max(tf.abs(position)))[0]).toBeLessThanOrEqual(1);
    const uniformVariance = valuesOf(tf.mean(tf.square(position)))[0]!;
    expect(Math.abs(uniformVariance - 1 / 3)).toBeLessThan(5 * Math.sqrt(4 / 45 / chains));
    const [divergent, accepted] = [valuesOf(info.divergent), valuesOf(info.accepted)];
    expect(divergent.some(Boolean)).toBe(true);
    divergent.forEach((flag, i) => expect(accepted[i]).toBe(1 - flag));
  });

  it("moves trees like the same numbers in one tensor", async () => {
    type Pair = { a: tf.Tensor; b: tf.Tensor };
    const covariance = [
      [1, 0.3, 0],
      [0.3, 2, 0.5],
      [0, 0.5, 1],
    ];
    const energy = ({ a, b }: Pair): tf.Tensor => tf.add(quartic(a), tf.sum(tf.square(b), [1, 2]));
    const kernel = hmc<Pair>({ energy, stepSize: 0.2, steps: 2, mass: denseMass(covariance) });
    const initial: Pair = { a: tf.fill([5, 1], 0.3), b: tf.zeros([5, 1, 2]) };
    const { position } = await runChain(kernel, { initial, steps: 4, key: random.key("tree") });
    expect(position.b.shape).toEqual([5, 1, 2]);
    const compiled = compile((x: Pair, key: Key) => kernel.step(kernel.init(x), key));
    const [state] = await compiled(initial, random.key(1));
    expect(tree.leaves(state.inverseMass as TensorTree).map(({ shape }) => shape)).toEqual([
      [3, 3],
      [3, 3],
    ]);
  });
});
