/**
 * Analytic energies: normalising constants and moments by quadrature of the energy, formulas at
 * single points, gradients.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, useEngine, valueAndGrad } from "@ergodic/engine";
import { ValidationError } from "@ergodic/tensor";
import {
  banana,
  doubleWell,
  gaussianEnergy,
  gaussianMixtureEnergy,
  quadratic,
  type AnalyticEnergy,
} from "@ergodic/energies";

const enginesOnThisMachine = ["cpu", "onnx"] as const;
const valuesOf = (tensor: tf.Tensor): number[] => [...tensor.dataSync()];

const precision = [
  [1.5, 0.2],
  [0.2, 1.3],
];
/** Every energy with a box that contains its mass. */
const energies: [string, AnalyticEnergy, [number, number][]][] = [
  [
    "gaussian",
    gaussianEnergy({ mean: [0.5, -1], precision }),
    [
      [-8, 9],
      [-9, 7],
    ],
  ],
  ["gaussian in 1-D", gaussianEnergy({ precision: [[4]] }), [[-5, 5]]],
  [
    "quadratic",
    quadratic({ precision, linear: [0.4, -0.6] }),
    [
      [-8, 9],
      [-9, 7],
    ],
  ],
  [
    "banana",
    banana({ curvature: 0.1, scale: 2 }),
    [
      [-14, 14],
      [-30, 9],
    ],
  ],
  ["doubleWell", doubleWell({ barrier: 2, position: 1.5 }), [[-5, 5]]],
  [
    "doubleWell in 2-D",
    doubleWell({ dimension: 2 }),
    [
      [-3, 3],
      [-3, 3],
    ],
  ],
  [
    "gaussianMixture",
    gaussianMixtureEnergy({
      means: [
        [-2, 0],
        [1, 1.5],
      ],
      sd: [0.5, 0.8],
      weights: [1, 3],
    }),
    [
      [-6, 7],
      [-6, 8],
    ],
  ],
  ["gaussianMixture in 1-D", gaussianMixtureEnergy({ means: [[-1], [2], [0]], sd: 0.6 }), [[-7, 8]]],
];

/**
 * Trapezoid sums over a grid. For smooth integrands that vanish at the border their error is far
 * below the 1e-6 of the float32 energies.
 */
function quadrature(target: AnalyticEnergy, box: [number, number][]) {
  const nodes = target.dimension === 1 ? 2001 : 301;
  const axes = box.map(([low, high]) =>
    Array.from({ length: nodes }, (_, i) => low + ((high - low) * i) / (nodes - 1)),
  );
  const points =
    target.dimension === 1 ? axes[0]!.map((x) => [x]) : axes[0]!.flatMap((x) => axes[1]!.map((y) => [x, y]));
  const cell = box.reduce((volume, [low, high]) => (volume * (high - low)) / (nodes - 1), 1);
  const weights = valuesOf(tf.tidy(() => target.energy(tf.tensor2d(points)))).map((energy) => Math.exp(-energy) * cell);
  const mass = weights.reduce((sum, w) => sum + w, 0);
  const average = (f: (x: number[]) => number): number =>
    points.reduce((sum, x, n) => sum + f(x) * weights[n]!, 0) / mass;
  const mean = box.map((_, i) => average((x) => x[i]!));
  const covariance = box.map((_, i) => box.map((__, j) => average((x) => (x[i]! - mean[i]!) * (x[j]! - mean[j]!))));
  return { logPartition: Math.log(mass), mean, covariance };
}

describe.each(enginesOnThisMachine)("analytic energies on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it.each(energies)("%s has the gradient of its formula", async (_name, target) => {
    const points = [
      [0.3, -0.7],
      [-1.1, 0.4],
      [1.7, 1.2],
    ].map((x) => x.slice(0, target.dimension));
    const gradient = compile((x: tf.Tensor) => valueAndGrad((u: tf.Tensor) => tf.sum(target.energy(u)))(x).grad);
    const analytic = valuesOf(await gradient(tf.tensor2d(points)));
    // Fourth-order differences of float32 energies. h = 0.02 keeps truncation (h⁴/30 of the fifth
    // derivative) and rounding below 1e-4.
    const h = 0.02;
    const at = (n: number, i: number, shift: number): number =>
      valuesOf(target.energy(tf.tensor2d([points[n]!.map((v, k) => (k === i ? v + shift : v))])))[0]!;
    const numeric = points.flatMap((x, n) =>
      x.map((_, i) => (8 * (at(n, i, h) - at(n, i, -h)) - (at(n, i, 2 * h) - at(n, i, -2 * h))) / (12 * h)),
    );
    const scale = Math.max(...numeric.map(Math.abs));
    analytic.forEach((value, i) => expect(Math.abs(value - numeric[i]!) / scale).toBeLessThan(2e-4));
  });
});

describe("densities", () => {
  beforeAll(async () => {
    await useEngine("cpu");
  });

  it.each(energies)("%s: partition function, mean and covariance are those of the energy", (_name, target, box) => {
    const numeric = quadrature(target, box);
    expect(numeric.logPartition).toBeCloseTo(target.logPartition, 5);
    numeric.mean.forEach((value, i) => expect(value).toBeCloseTo(target.moments.mean[i]!, 4));
    numeric.covariance.flat().forEach((value, n) => {
      const exact = target.moments.covariance.flat()[n]!;
      expect(Math.abs(value - exact)).toBeLessThan(2e-5 * (1 + Math.abs(exact)));
    });
  });

  it("quadratic is the prior of a linear latent model: mean, covariance and log Z of a worked example", () => {
    // E = ½ zᵀ(I + A)z - cᵀz with A = [[.5,.2],[.2,.3]], c = (.4,-.6). log Z is relative to N(0,
    // I), so log(2π) is subtracted.
    const { moments, logPartition } = quadratic({ precision, linear: [0.4, -0.6] });
    const close = (actual: number, expected: number) => expect(Math.abs(actual / expected - 1)).toBeLessThan(1e-9);
    close(moments.covariance[0]![0]!, 0.6806282723);
    close(moments.covariance[0]![1]!, -0.1047120419);
    close(moments.covariance[1]![1]!, 0.7853403141);
    close(moments.mean[0]!, 0.335078534);
    close(moments.mean[1]!, -0.5130890052);
    close(logPartition - Math.log(2 * Math.PI), -0.1026092127);
  });

  it("a single Gaussian in any form is the same density", () => {
    const x = tf.tensor2d([
      [0.3, -0.2],
      [1, 2],
    ]);
    const round = gaussianEnergy({
      mean: [1, -1],
      precision: [
        [4, 0],
        [0, 4],
      ],
    });
    const mixture = gaussianMixtureEnergy({ means: [[1, -1]], sd: 0.5 });
    const shifted = valuesOf(round.energy(x)).map((energy) => energy + round.logPartition);
    valuesOf(mixture.energy(x)).forEach((energy, i) => expect(energy).toBeCloseTo(shifted[i]!, 5));
  });

  it("doubleWell has minima of 0 at ±a and the barrier at 0", () => {
    const well = doubleWell({ barrier: 3, position: 2 });
    expect(valuesOf(well.energy(tf.tensor2d([[-2], [0], [2]])))).toEqual([0, 3, 0]);
  });

  it("keeps no tensor", () => {
    const x = tf.tensor2d([[0.1, 0.2]]);
    for (const [, target] of energies.filter(([, { dimension }]) => dimension === 2)) {
      const before = tf.memory().numTensors;
      target.energy(x).dispose();
      expect(tf.memory().numTensors).toBe(before);
    }
  });

  it.each([
    [
      () =>
        gaussianEnergy({
          precision: [
            [1, 2],
            [2, 1],
          ],
        }),
      /precision is not positive definite/,
    ],
    [
      () =>
        gaussianEnergy({
          precision: [
            [1, 0.5],
            [0, 1],
          ],
        }),
      /expected a symmetric matrix/,
    ],
    [() => gaussianEnergy({ precision: [[1, 0]] }), /expected a square matrix/],
    [
      () =>
        gaussianEnergy({
          mean: [1],
          precision: [
            [1, 0],
            [0, 1],
          ],
        }),
      /mean has 1 entries, expected 2/,
    ],
    [() => banana({ scale: 0 }), /scale is 0/],
    [() => doubleWell({ barrier: -1 }), /barrier is -1/],
    [() => gaussianMixtureEnergy({ means: [], sd: 1 }), /means is empty/],
    [() => gaussianMixtureEnergy({ means: [[0], [1]], sd: [1] }), /sd has 1 entries, expected 2/],
    [() => gaussianMixtureEnergy({ means: [[0], [1]], sd: 1, weights: [1, 0] }), /weights\[1\] is 0/],
    [() => banana().energy(tf.zeros([3, 3])), /banana has shape \[3,3\], expected \[any,2\]/],
  ])("refuses what has no density (%#)", (make, message) => {
    expect(make).toThrow(ValidationError);
    expect(make).toThrow(message);
  });
});
