/**
 * Energies far from their mass: the right number if float32 can represent it, infinity beyond, and
 * never NaN.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, useEngine, valueAndGrad } from "@ergodic/engine";
import {
  banana,
  bananaTarget,
  bimodal,
  correlatedNormal,
  doubleWell,
  doubleWellTarget,
  eightSchools,
  funnel,
  gaussianEnergy,
  gaussianMixtureEnergy,
  gaussianRingTarget,
  illConditionedNormal,
  mlpEnergy,
  nonCentredFunnel,
  quadratic,
  rosenbrock,
  standardNormalTarget,
  studentT,
  type AnalyticEnergy,
} from "@ergodic/energies";
import { random, type TensorTree } from "@ergodic/tensor";

const energies: Readonly<Record<string, AnalyticEnergy>> = {
  banana: banana(),
  "banana that is not bent": banana({ curvature: 0 }),
  doubleWell: doubleWell({ dimension: 2 }),
  gaussian: gaussianEnergy({ mean: [1, -2], precision: [[2, -1.2], [-1.2, 1]] }), // prettier-ignore
  quadratic: quadratic({ linear: [1, -2], precision: [[2, -1.2], [-1.2, 1]] }), // prettier-ignore
  gaussianMixture: gaussianMixtureEnergy({ means: [[-3, 0], [3, 0]], sd: [1, 2], weights: [1, 3] }), // prettier-ignore
  bananaTarget: bananaTarget(),
  bimodal: bimodal(),
  correlatedNormal: correlatedNormal(),
  doubleWellTarget: doubleWellTarget(),
  "eight schools, centred": eightSchools({ form: "centred" }),
  "eight schools, not centred": eightSchools({ prior: "log-normal" }),
  funnel: funnel({ dimension: 3 }),
  "funnel, not centred": nonCentredFunnel({ dimension: 3 }),
  gaussianRing: gaussianRingTarget(),
  illConditionedNormal: illConditionedNormal(),
  rosenbrock: rosenbrock(),
  standardNormal: standardNormalTarget(),
  studentT: studentT(),
};

type Evaluated = { energy: number; gradient: number[] };

async function evaluate({ energy }: Pick<AnalyticEnergy, "energy">, x: readonly number[]): Promise<Evaluated> {
  const compiled = compile((at: tf.Tensor) => valueAndGrad((y: tf.Tensor) => tf.sum(energy(y)))(at));
  const { value, grad } = await compiled(tf.tensor2d([[...x]]));
  await compiled.dispose();
  return { energy: value.dataSync()[0]!, gradient: [...grad.dataSync()] };
}

describe.each(["cpu", "onnx"] as const)("on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it.each(Object.entries(energies))("%s is a number, or infinite, at every distance", async (_, target) => {
    const { dimension } = target;
    const directions = [
      ...Array.from({ length: dimension }, (__, i) => Array.from({ length: dimension }, (___, j) => (i === j ? 1 : 0))),
      Array.from({ length: dimension }, () => 1),
      Array.from({ length: dimension }, (__, i) => (i % 2 ? -1 : 0.7)),
    ];
    const rows = [1e3, 1e10, 1.9e19, 1e25, 1e36].flatMap((size) =>
      directions.flatMap((direction) => [size, -size].map((signed) => direction.map((part) => part * signed))),
    );
    const compiled = compile((x: tf.Tensor) => target.energy(x));
    const values = (await compiled(tf.tensor2d(rows))).dataSync();
    await compiled.dispose();
    rows.forEach((row, i) => expect(values[i], `at ${row.join(", ")}`).not.toBeNaN());
  });

  // Derived by hand in float64. Gradients are right if float32 can represent them, even if the
  // energy overflows.
  const cases: readonly (readonly [string, AnalyticEnergy, number[], number, number[]])[] = [
    // ½ (x - 3)² + log 2 + log 2π and its slope x - 3.
    ["mixture", gaussianMixtureEnergy({ means: [[-3, 0], [3, 0]], sd: 1 }), [1.9e19, 0], 1.805e38, [1.9e19, 0]],
    ["mixture", gaussianMixtureEnergy({ means: [[-3, 0], [3, 0]], sd: 1 }), [-1e25, 2e25], Infinity, [-1e25, 2e25]],
    ["mixture", gaussianMixtureEnergy({ means: [[0], [1]], sd: 1e-3 }), [1e16], 0.5e38, [1e22]],
    // x²/2 of each coordinate.
    ["normal", standardNormalTarget({ dimension: 2 }), [1.9e19, 1e19], 2.305e38, [1.9e19, 1e19]],
    ["normal", standardNormalTarget({ dimension: 2 }), [1e30, -1e20], Infinity, [1e30, -1e20]],
    // ½ uᵀ P u with P = [[1, -ρ], [-ρ, 1]]/(1 - ρ²): at (1, -1) a, 1/(1 - ρ) a², slope 1/(1 - ρ).
    ["correlated normal", correlatedNormal(), [1e18, -1e18], 1e37, [1e19, -1e19]],
    ["correlated normal", correlatedNormal(), [1e25, -1e25], Infinity, [1e26, -1e26]],
    // (ν + 1)/2 · log(1 + x²/ν) = 3 (2 log x - log 5), slope 6/x.
    ["Student's t", studentT(), [1e30], 3 * (2 * Math.log(1e30) - Math.log(5)), [6e-30]],
    ["Student's t", studentT(), [-1e-20], 0, [-1.2e-20]],
    // v²/18 + v, and nothing from x = 0. For a large v, nothing from any x.
    ["funnel", funnel({ dimension: 3 }), [-300, 0, 0], 4700, [-300 / 9 + 1, 0, 0]],
    ["funnel", funnel({ dimension: 3 }), [400, 1e25, 0], 400 ** 2 / 18 + 400, [400 / 9 + 1, 0, 0]],
    ["funnel", funnel({ dimension: 3 }), [-60, 1e-3, 0], 200 - 60 + 0.5e-6 * Math.exp(60), [
      -60 / 9 + 1 - 0.5e-6 * Math.exp(60), 1e-3 * Math.exp(60), 0,
    ]],
    // x₁²/(2s²) with b = 0.
    ["banana", banana({ curvature: 0, scale: 10 }), [1.9e20, 0], 1.805e38, [1.9e18, 0]],
    ["banana", banana(), [0, 1e25], Infinity, [0, 1e25]],
    // h ((x/a)² - 1)² ≈ h x⁴/a⁴, slope 4 h x³/a⁴.
    ["double well", doubleWell({ barrier: 3 }), [1e9], 3e36, [12e27]],
    ["double well", doubleWell({ barrier: 3 }), [1e11], Infinity, [12e33]],
  ]; // prettier-ignore
  it.each(cases)("%s", async (_, target, x, energy, gradient) => {
    const got = await evaluate(target, x);
    const close = (actual: number, expected: number): void => {
      if (!Number.isFinite(expected)) expect(actual).toBe(expected);
      else expect(Math.abs(actual - expected)).toBeLessThanOrEqual(2e-5 * Math.abs(expected) + 1e-39);
    };
    close(got.energy, energy);
    gradient.forEach((expected, i) => close(got.gradient[i]!, expected));
  });

  it("networks of leaky units are homogeneous where biases vanish", async () => {
    const network = mlpEnergy({ in: 2, widths: [16, 16] });
    const slope = (params: readonly TensorTree[], x: tf.Tensor) =>
      valueAndGrad((at: tf.Tensor) => tf.sum(network.energy(params, at)))(x);
    const compiled = compile(slope, { smallAsCode: false });
    const at = async (size: number): Promise<Evaluated> => {
      const { value, grad } = await compiled(network.init(random.key(1)), tf.tensor2d([[size, -size / 2]]));
      return { energy: value.dataSync()[0]!, gradient: [...grad.dataSync()] };
    };
    const [near, far] = [await at(2 ** 60), await at(2 ** 100)];
    await compiled.dispose();
    expect(far.energy / near.energy / 2 ** 40).toBeCloseTo(1, 5);
    far.gradient.forEach((one, i) => expect(one).toBeCloseTo(near.gradient[i]!, 6));
  });
});
