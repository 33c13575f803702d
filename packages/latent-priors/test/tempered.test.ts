/**
 * Posterior chains with a weighted likelihood, in the linear model of `linear-gaussian.test.ts`.
 *
 * The tempered posterior ∝ p(z) p(x | z)^β is N(μ, P⁻¹) with P = I + A + β WᵀW/σ² and
 * μ = P⁻¹(c + β Wᵀ(x - b)/σ²), the posterior for noise of the variance σ²/β.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, useEngine } from "@ergodic/engine";
import { importanceLikelihood } from "@ergodic/evaluation/likelihood";
import { gaussian } from "@ergodic/generators";
import { sgd } from "@ergodic/nn";
import { random, type Key } from "@ergodic/tensor";
import { latentChains, latentPrior, posteriorEnergy, resolveOptions, type LatentPriorParams } from "../src/index.js";
import {
  enginesOnThisMachine,
  largestDifference,
  linearGenerator,
  moments,
  quadraticTilt,
  sixSigma,
  valuesOf,
  type Linear,
  type Quadratic,
} from "./support.js";

type Params = LatentPriorParams<Linear, Quadratic>;
const rate = sgd({ learningRate: 0 });
const [sigma, beta] = [0.5, 2.5];
const x = [0.7, -0.3, 0.2];
const posterior = { steps: 40, stepSize: 0.2 };
const settings = (options: { readonly sigma: number; readonly likelihoodWeight?: number }) => ({
  generator: linearGenerator(2, 3),
  energy: quadraticTilt(2),
  optimizers: { generator: rate, energy: rate },
  observation: gaussian({ sigma: options.sigma }),
  posterior: {
    ...posterior,
    ...(options.likelihoodWeight !== undefined && { likelihoodWeight: options.likelihoodWeight }),
  },
  observe: (batch: tf.Tensor) => batch,
});
const makeParams = (): Params => ({
  generator: { weight: tf.tensor2d([1, 0.5, 0, 1, -1, 0.25], [3, 2]), bias: tf.tensor1d([0.1, -0.2, 0]) },
  energy: { A: tf.tensor2d([0.5, 0.2, 0.2, 0.3], [2, 2]), c: tf.tensor1d([0.4, -0.6]) },
});
const observed = (n: number): tf.Tensor2D => tf.tile(tf.tensor2d([x]), [n, 1]);

/** The inverse of a symmetric matrix, all as [a, b, d] of [[a, b], [b, d]]. */
const inverse = ([a, b, d]: readonly [number, number, number]): [number, number, number] => {
  const determinant = a * d - b * b;
  return [d / determinant, -b / determinant, a / determinant];
};

describe.each(enginesOnThisMachine)("posterior chains with a weighted likelihood on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  const sampler = (options: Parameters<typeof settings>[0]) => {
    const chains = latentChains(resolveOptions(settings(options)));
    return compile((params: Params, batch: tf.Tensor, key: Key) => chains.samplePosterior(params, batch, key));
  };

  it("have mean and covariance of the tempered posterior", async () => {
    const n = engine === "cpu" ? 4_000 : 20_000;
    const points = await sampler({ sigma, likelihoodWeight: beta })(makeParams(), observed(n), random.key("tempered"));
    // WᵀW/σ² = [[8, 1], [1, 5.25]] and Wᵀ(x - b)/σ² = (1.6, 1).
    const precision = [1.5 + 8 * beta, 0.2 + beta, 1.3 + 5.25 * beta] as const;
    const [i, j, k] = inverse(precision);
    const [u, v] = [0.4 + 1.6 * beta, -0.6 + beta];
    const mean = [i * u + j * v, j * u + k * v];
    // The steps s add to it: C = (P - s²P²/4)⁻¹.
    const [a, b, d] = precision;
    const quarter = posterior.stepSize ** 2 / 4;
    const covariance = inverse([
      a - quarter * (a * a + b * b),
      b - quarter * b * (a + d),
      d - quarter * (b * b + d * d),
    ]);
    const found = moments(points);
    const variances = [covariance[0], covariance[2]];
    mean.forEach((value, at) =>
      expect(Math.abs(found.mean[at]! - value)).toBeLessThan(sixSigma * Math.sqrt(variances[at]! / n)),
    );
    const errors = [
      Math.sqrt(2) * covariance[0],
      Math.hypot(Math.sqrt(covariance[0] * covariance[2]), covariance[1]),
      Math.sqrt(2) * covariance[2],
    ];
    covariance.forEach((value, at) =>
      expect(Math.abs(found.covariance[at]! - value)).toBeLessThan((sixSigma * errors[at]!) / Math.sqrt(n - 1)),
    );
  });

  it("are those of a likelihood whose noise has the variance σ²/β, point by point", async () => {
    const key = random.key("same noise");
    const weighted = await sampler({ sigma, likelihoodWeight: beta })(makeParams(), observed(5), key);
    const sharper = await sampler({ sigma: sigma / Math.sqrt(beta) })(makeParams(), observed(5), key);
    expect(largestDifference(valuesOf(weighted), valuesOf(sharper))).toBeLessThan(2e-6);
  });

  it("leave scores and likelihoods those of the model", async () => {
    const model = latentPrior(settings({ sigma, likelihoodWeight: beta }));
    const state = { params: makeParams(), optimizer: undefined as never };
    const [batch, key] = [observed(3), random.key("score")];
    const z = await model.infer(state, batch, key);
    const { generator, energy } = resolveOptions(settings({ sigma }));
    const exact = posteriorEnergy(
      (at: tf.Tensor) => tf.add(energy!.energy(state.params.energy!, at), tf.mul(0.5, tf.sum(tf.square(at), 1))),
      (at) => gaussian({ sigma }).logDensity(generator.apply(state.params.generator, at), batch),
    );
    const scores = await model.score!(state, batch, key);
    expect(largestDifference(valuesOf(scores), valuesOf(exact(z)))).toBeLessThan(1e-5);

    const samples = 100;
    const { logPartition, standardError } = await model.likelihood.partition(state, random.key("partition"));
    const logWeights = await model.likelihood.logWeights(state, observed(1), random.key("weights"), samples);
    const { logLikelihoods, effectiveSamples } = importanceLikelihood(logWeights, samples);
    const error = Math.hypot(standardError, Math.sqrt(Math.max(0, 1 / effectiveSamples[0]! - 1 / samples)));
    expect(effectiveSamples[0]! / samples).toBeGreaterThan(0.9);
    expect(Math.abs(logLikelihoods[0]! - logPartition + 3.236212959)).toBeLessThan(sixSigma * error);
    await model.dispose!();
  });
});

it("refuses a weight that is not positive", () => {
  expect(() => resolveOptions(settings({ sigma, likelihoodWeight: 0 }))).toThrow(/posterior\.likelihoodWeight/);
});
