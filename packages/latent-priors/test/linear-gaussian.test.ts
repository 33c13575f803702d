/**
 * Linear generator and quadratic tilt: prior, posterior and evidence are Gaussian, so each score is
 * known.
 *
 *   ∂ log p(x) = E_prior[∂U(z)] - E_posterior[∂U(z | x)]
 *
 * Expectations are exact: E is quadratic, so the four points m ± √2 (columns of a Cholesky factor),
 * which have the right mean and covariance, give the same as the Gaussian. The numbers come from
 * the formulas in the comments and were checked by finite differences of log p(x).
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { gaussian } from "@ergodic/generators";
import { compile, useEngine, valueAndGrad } from "@ergodic/engine";
import { posteriorEnergy, priorEnergy } from "../src/index.js";
import {
  enginesOnThisMachine,
  largestDifference,
  linearGenerator,
  logSumExp,
  quadraticTilt,
  valuesOf,
  type Linear,
  type Quadratic,
} from "./support.js";

const sigma = 0.5;
const x = [0.7, -0.3, 0.2];
// Prior N(m0, S0): S0 = (I + A)⁻¹, m0 = S0 c. Posterior N(μ, Σ): Σ = (I + A + WᵀW/σ²)⁻¹, μ = Σ(c +
// Wᵀ(x - b)/σ²).
const prior = { mean: [0.335078534, -0.5130890052], covariance: [0.6806282723, -0.1047120419, 0.7853403141] } as const;
const posterior = {
  mean: [0.2076170108, 0.023031998],
  covariance: [0.1077568479, -0.0197417126, 0.156288558],
} as const;
const logPartition = -0.1026092127; // ½ cᵀS0 c - ½ log det(I + A)
const logEvidence = -3.236212959; // log N(x; W m0 + b, W S0 Wᵀ + σ² I)
const scores = {
  A: [0.3210221126, -0.1308386378, -0.1308386378, 0.4458908052], // -½(Σ + μμᵀ - S0 - m0 m0ᵀ)
  c: [-0.1274615233, 0.5361210033], // μ - m0
  // [(x - b)μᵀ - W(Σ + μμᵀ)]/σ²
  weight: [-0.0752461024, -0.1985217546, -0.0232072923, -0.6364889231, 0.7845001709, -0.1982329446],
  bias: [1.5234679608, -0.4921279921, 1.6074360451], // (x - b - Wμ)/σ²
};

type Params = { generator: Linear; energy: Quadratic };

const generator = linearGenerator(2, 3);
const tilt = quadraticTilt(2);
const observation = gaussian({ sigma });
const priorOf = (params: Params) => priorEnergy((z) => tilt.energy(params.energy, z));
const posteriorOf = (params: Params, image: tf.Tensor) =>
  posteriorEnergy(priorOf(params), (z) => observation.logDensity(generator.apply(params.generator, z), image));

const makeParams = (): Params => ({
  generator: { weight: tf.tensor2d([1, 0.5, 0, 1, -1, 0.25], [3, 2]), bias: tf.tensor1d([0.1, -0.2, 0]) },
  energy: { A: tf.tensor2d([0.5, 0.2, 0.2, 0.3], [2, 2]), c: tf.tensor1d([0.4, -0.6]) },
});

/** Four equally weighted points with this mean and covariance. */
function sigmaPoints({ mean, covariance }: { mean: readonly number[]; covariance: readonly number[] }): tf.Tensor2D {
  const [a, b, d] = covariance as [number, number, number];
  const l11 = Math.sqrt(a);
  const l21 = b / l11;
  const columns = [
    [l11, l21],
    [0, Math.sqrt(d - l21 * l21)],
  ] as const;
  const rows = columns.flatMap(([u, v]) => [Math.SQRT2, -Math.SQRT2].map((s) => [mean[0]! + s * u, mean[1]! + s * v]));
  return tf.tensor2d(rows);
}

/** Nodes of a square grid around the origin, and the log of a node's area. */
function grid(reach: number, nodes: number): { points: tf.Tensor2D; logArea: number } {
  const step = (2 * reach) / (nodes - 1);
  const axis = Array.from({ length: nodes }, (_, i) => i * step - reach);
  return { points: tf.tensor2d(axis.flatMap((u) => axis.map((v) => [u, v]))), logArea: 2 * Math.log(step) };
}

describe.each(enginesOnThisMachine)("linear generator and quadratic tilt on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  // Float32 keeps 2e-7 of the largest term, about 10 here; the tables have ten digits.
  const tolerance = 2e-6;

  it("gives all scores of log p(x) as a difference of expected energies", async () => {
    const loss = (params: Params, image: tf.Tensor, inferred: tf.Tensor, free: tf.Tensor): tf.Tensor =>
      tf.sub(tf.mean(priorOf(params)(free)), tf.mean(posteriorOf(params, image)(inferred)));
    const { grad } = await compile(valueAndGrad(loss))(
      makeParams(),
      tf.tensor2d([x, x, x, x]),
      sigmaPoints(posterior),
      sigmaPoints(prior),
    );
    expect(largestDifference(valuesOf(grad.energy.A), scores.A)).toBeLessThan(tolerance);
    expect(largestDifference(valuesOf(grad.energy.c), scores.c)).toBeLessThan(tolerance);
    expect(largestDifference(valuesOf(grad.generator.weight), scores.weight)).toBeLessThan(tolerance);
    expect(largestDifference(valuesOf(grad.generator.bias), scores.bias)).toBeLessThan(tolerance);
  });

  it("gives the generator's score from the likelihood of the observation alone", async () => {
    const loss = (params: Linear, image: tf.Tensor, inferred: tf.Tensor): tf.Tensor =>
      tf.mean(observation.logDensity(generator.apply(params, inferred), image));
    const { grad } = await compile(valueAndGrad(loss))(
      makeParams().generator,
      tf.tensor2d([x, x, x, x]),
      sigmaPoints(posterior),
    );
    expect(largestDifference(valuesOf(grad.weight), scores.weight)).toBeLessThan(tolerance);
    expect(largestDifference(valuesOf(grad.bias), scores.bias)).toBeLessThan(tolerance);
  });

  it("integrates to the partition function and the evidence", async () => {
    // The trapezoid rule is exact to float64 for Gaussians wider than the step. The error is that
    // of float32 energies.
    const { points, logArea } = grid(8, 161);
    const energies = compile((params: Params, image: tf.Tensor, z: tf.Tensor) => ({
      prior: priorOf(params)(z),
      posterior: posteriorOf(params, image)(z),
    }));
    const found = await energies(makeParams(), tf.tile(tf.tensor2d([x]), [points.shape[0]!, 1]), points);
    const logZ = logSumExp(valuesOf(found.prior).map((u) => -u)) + logArea;
    const joint = logSumExp(valuesOf(found.posterior).map((u) => -u)) + logArea;
    expect(Math.abs(logZ - Math.log(2 * Math.PI) - logPartition)).toBeLessThan(tolerance);
    expect(Math.abs(joint - logZ - logEvidence)).toBeLessThan(tolerance);
  });
});
