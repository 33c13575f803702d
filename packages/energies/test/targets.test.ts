/**
 * Targets: exact draws satisfy the energy (Stein's identities) and the stated moments, and energies
 * have the stated gradient and constant.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, useEngine, valueAndGrad } from "@ergodic/engine";
import { random, ValidationError } from "@ergodic/tensor";
import {
  bananaTarget,
  bimodal,
  correlatedNormal,
  doubleWellTarget,
  funnel,
  gaussianRingTarget,
  illConditionedNormal,
  mixtureTarget,
  nonCentredFunnel,
  rosenbrock,
  standardNormalTarget,
  studentT,
  targets,
  type Target,
} from "@ergodic/energies";

const valuesOf = (tensor: tf.Tensor): number[] => [...tensor.dataSync()];
const all = Object.entries(targets).map(([name, make]): [string, Target] => [name, make()]);
const uneven = mixtureTarget({
  means: [
    [-2, 0],
    [1, 1.5],
  ],
  sd: [0.5, 0.8],
  weights: [1, 3],
});
const drawn: [string, Target][] = [...all, ["an uneven mixture", uneven] as [string, Target]].filter(
  ([, { sample }]) => sample !== undefined,
);

/**
 * Expects the mean of n terms within 5 standard errors, estimated from the terms. This is a false
 * alarm for 6e-7 of all keys if terms have light tails.
 */
function expectMean(what: string, terms: readonly number[], truth: number): void {
  const n = terms.length;
  const mean = terms.reduce((sum, value) => sum + value, 0) / n;
  const variance = terms.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const z = (mean - truth) / Math.sqrt(variance / n);
  expect(Math.abs(z), `${what}: ${mean}, exact ${truth}`).toBeLessThan(5);
}

describe.each(["cpu", "onnx"] as const)("gradients on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it.each(all)("%s has the gradient of its energy", async (_, target) => {
    const points = [0.31, -0.67, 1.13].map((shift) =>
      Array.from({ length: target.dimension }, (__, i) => shift + 0.17 * Math.sin(3 * i + shift)),
    );
    const gradient = compile((x: tf.Tensor) => valueAndGrad((u: tf.Tensor) => tf.sum(target.energy(u)))(x).grad);
    const actual = valuesOf(await gradient(tf.tensor2d(points)));
    await gradient.dispose();
    // Fourth-order differences of float32 energies. h balances the truncation error h⁴/30 of the
    // fifth derivative and the rounding error.
    const h = 0.02;
    const shifted = points.flatMap((x) =>
      x.flatMap((_v, i) => [-2, -1, 1, 2].map((k) => x.map((v, j) => (i === j ? v + k * h : v)))),
    );
    const energies = valuesOf(target.energy(tf.tensor2d(shifted)));
    const numeric = actual.map((_v, i) => {
      const [a, b, c, d] = energies.slice(4 * i, 4 * i + 4) as [number, number, number, number];
      return (8 * (c - b) - (d - a)) / (12 * h);
    });
    const scale = Math.max(...numeric.map(Math.abs));
    actual.forEach((value, i) => expect(Math.abs(value - numeric[i]!) / scale).toBeLessThan(3e-4));
  });
});

describe("exact draws", () => {
  beforeAll(async () => {
    await useEngine("cpu");
  });

  it.each(drawn)("%s: draws have the law exp(-E): E[∂ᵢE] = 0 and E[xᵢ ∂ᵢE] = 1", (_, target) => {
    const x = target.sample!(random.key("stein"), 10_000);
    const { grad } = valueAndGrad((u: tf.Tensor) => tf.sum(target.energy(u)))(x);
    const [positions, gradients] = [valuesOf(x), valuesOf(grad)];
    for (let i = 0; i < target.dimension; i++) {
      const at = Array.from({ length: 10_000 }, (__, n) => n * target.dimension + i);
      expectMean(
        `gradient ${i}`,
        at.map((k) => gradients[k]!),
        0,
      );
      expectMean(
        `x · gradient ${i}`,
        at.map((k) => positions[k]! * gradients[k]!),
        1,
      );
    }
  });

  it.each(drawn)("%s: quantities have their means and standard deviations", (name, target) => {
    const x = target.sample!(random.key("moments"), 10_000);
    for (const { name: what, of, mean, sd } of target.quantities) {
      const values = valuesOf(of(x));
      expectMean(`mean of ${what}`, values, mean);
      // x of the funnel has a finite variance that no sample shows. Its law is tested below.
      if (!(name.startsWith("funnel") && what !== "v"))
        expectMean(
          `variance of ${what}`,
          values.map((v) => (v - mean) ** 2),
          sd ** 2,
        );
    }
  });

  it.each(drawn)("%s: draws of the same key are the same, and nothing else is kept", (_, target) => {
    const before = tf.memory().numTensors;
    const x = target.sample!(random.key(1), 7);
    expect(tf.memory().numTensors).toBe(before + 1);
    expect(x.shape).toEqual([7, target.dimension]);
    expect(valuesOf(target.sample!(random.key(1), 7))).toEqual(valuesOf(x));
    target.energy(x).dispose();
    target.quantities.forEach(({ of }) => of(x).dispose());
    expect(tf.memory().numTensors).toBe(before + 2);
  });

  it("components of an uneven mixture come by weight", () => {
    const x = valuesOf(uneven.sample!(random.key(2), 10_000));
    // Draws nearer to the second centre in x₀ count as its draws, which is wrong for less than 1 %.
    // The standard error of the share is 0.0043.
    const share = x.filter((value, i) => i % 2 === 0 && value > -0.8).length / 10_000;
    expect(Math.abs(share - 0.75)).toBeLessThan(0.03);
    expect(uneven.modes).toEqual({
      centres: [
        [-2, 0],
        [1, 1.5],
      ],
      weights: [0.25, 0.75],
    });
  });

  it("x of the funnel is e^{v/2} times a standard normal, in both forms", () => {
    for (const target of [funnel(), nonCentredFunnel()]) {
      const x = target.sample!(random.key(3), 10_000);
      const [v, third] = [target.quantities[0]!, target.quantities[3]!].map(({ of }) => valuesOf(of(x))) as [
        number[],
        number[],
      ];
      const z = third.map((value, n) => value / Math.exp(v[n]! / 2));
      expectMean("z", z, 0);
      expectMean(
        "z²",
        z.map((value) => value ** 2),
        1,
      );
      expectMean(
        "z⁴",
        z.map((value) => value ** 4),
        3,
      );
      expectMean(
        "z² v",
        z.map((value, n) => value ** 2 * v[n]!),
        0,
      );
    }
  });
});

describe("what is stated", () => {
  it("are the textbook moments", () => {
    const variances = ({ moments }: Target): number[] => moments.covariance.map((row, i) => row[i]!);
    const close = (actual: readonly number[], expected: readonly number[]): void => {
      expect(actual).toHaveLength(expected.length);
      actual.forEach((value, i) => expect(Math.abs(value / expected[i]! - 1)).toBeLessThan(1e-6));
    };
    const squaredNorm = standardNormalTarget({ dimension: 7 }).quantities.at(-1)!;
    close([squaredNorm.mean, squaredNorm.sd], [7, Math.sqrt(14)]);
    expect(correlatedNormal().moments.covariance[0]![1]).toBeCloseTo(0.9, 12);
    close(variances(illConditionedNormal()), [0.01, 0.04, 0.09, 0.16, 0.25, 0.36, 0.49, 0.64, 0.81, 1]);
    close(variances(funnel()), [9, ...new Array<number>(9).fill(90.0171313)]);
    expect(nonCentredFunnel().quantities.map(({ name, mean, sd }) => [name, mean, sd])).toEqual(
      funnel().quantities.map(({ name, mean, sd }) => [name, mean, sd]),
    );
    close(variances(bananaTarget()), [100, 19]);
    expect(rosenbrock().moments).toEqual({
      mean: [1, 11],
      covariance: [
        [10, 20],
        [20, 240.1],
      ],
    });
    close(variances(bimodal()), [26]);
    close(variances(gaussianRingTarget()), [4.5625, 4.5625]);
    expect(gaussianRingTarget().moments.covariance[0]![1]).toBeCloseTo(0, 12);
    close(variances(studentT()), [5 / 3]);
  });

  it("barriers between modes are as high as said", () => {
    const rise = ({ energy }: Target, top: number[], bottom: number[]): number => {
      const [a, b] = valuesOf(energy(tf.tensor2d([top, bottom]))) as [number, number];
      return a - b;
    };
    expect(rise(bimodal(), [0], [5])).toBeCloseTo(12.5 - Math.log(2), 4);
    const between = [3, 0].map((_, i) => (i === 0 ? (3 + 3 / Math.SQRT2) / 2 : 3 / Math.SQRT2 / 2));
    expect(rise(gaussianRingTarget(), between, [3, 0])).toBeCloseTo(9.85, 2);
    expect(rise(doubleWellTarget({ barrier: 2 }), [0], [1])).toBeCloseTo(2, 5);
  });

  it("modes are minima of the energy, with weights that sum to 1", () => {
    const bent = [bimodal(), gaussianRingTarget(), doubleWellTarget({ dimension: 3, position: 2 })];
    for (const { modes, energy } of bent) {
      const centres = tf.tensor2d(modes!.centres.map((centre) => [...centre]));
      const { grad } = valueAndGrad((u: tf.Tensor) => tf.sum(energy(u)))(centres);
      valuesOf(grad).forEach((slope) => expect(Math.abs(slope)).toBeLessThan(1e-4));
      expect(modes!.weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
    }
    expect(doubleWellTarget({ dimension: 3 }).modes!.centres).toHaveLength(8);
  });

  it("E + log Z is minus the log density, where that has a formula", () => {
    const logNormal = (x: number, mean: number, sd: number): number =>
      -0.5 * ((x - mean) / sd) ** 2 - Math.log(sd * Math.sqrt(2 * Math.PI));
    const check = (target: Target, x: number[], logDensity: number): void => {
      const [energy] = valuesOf(target.energy(tf.tensor2d([x])));
      expect(Math.abs(energy! + target.logPartition + logDensity)).toBeLessThan(1e-5 * (1 + Math.abs(energy!)));
    };
    const v = -0.7;
    const rest = [0.3, -1.2];
    const logFunnel = rest.reduce((sum, x) => sum + logNormal(x, 0, Math.exp(v / 2)), logNormal(v, 0, 2));
    check(funnel({ dimension: 3, scale: 2 }), [v, ...rest], logFunnel);
    check(rosenbrock(), [0.4, -0.3], logNormal(0.4, 1, Math.sqrt(10)) + logNormal(-0.3, 0.16, Math.sqrt(0.1)));
    check(correlatedNormal({ correlation: 0.6 }), [0.5, -0.2], logNormal(0.5, 0, 1) + logNormal(-0.2, 0.3, 0.8));
    // t with 3 degrees of freedom has density 2/(π√3 (1 + x²/3)²); with 4 it is 3/8 (1 +
    // x²/4)^{-5/2}.
    check(studentT({ degreesOfFreedom: 3 }), [1.5], Math.log(2 / (Math.PI * Math.sqrt(3) * (1 + 0.75) ** 2)));
    check(studentT({ degreesOfFreedom: 4 }), [1], Math.log(0.375 * 1.25 ** -2.5));
  });

  it("names are those of the registry", () => {
    for (const [name, target] of all) expect(target.name).toBe(name);
  });

  it.each([
    [() => standardNormalTarget({ dimension: 0 }), /dimension is 0/],
    [() => correlatedNormal({ correlation: 1 }), /correlation is 1/],
    [() => illConditionedNormal({ dimension: 1 }), /dimension is 1, expected at least 2/],
    [() => illConditionedNormal({ smallest: 0 }), /smallest is 0/],
    [() => funnel({ dimension: 1 }), /dimension is 1, expected at least 2/],
    [() => nonCentredFunnel({ scale: -1 }), /scale is -1/],
    [() => bimodal({ position: 0 }), /position is 0/],
    [() => gaussianRingTarget({ modes: 2 }), /modes is 2, expected at least 3; use bimodal/],
    [() => studentT({ degreesOfFreedom: 2 }), /degreesOfFreedom is 2, expected at least 3/],
    [() => studentT({ degreesOfFreedom: 4.5 }), /degreesOfFreedom is 4.5/],
    [() => funnel().energy(tf.zeros([2, 9])), /the input of funnel has shape \[2,9\], expected \[any,10\]/],
  ])("refuses what has no density (%#)", (make, message) => {
    expect(make).toThrow(ValidationError);
    expect(make).toThrow(message);
  });
});
