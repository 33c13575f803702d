/**
 * The law of the short-run chains, which differs from that of their targets.
 *
 * For a Gaussian target with precision P and mean m, and F = I - s²P/2, K steps from N(0, I) give
 *   mean (I - F^K) m,   covariance C + F^K (I - C) F^K  with  C = P⁻¹(I - s²P/4)⁻¹.
 * A drift divided by the number of chains, a wrong factor ½ or noise of another scale is far
 * outside the bounds.
 *
 * Sampled means and covariances have bounds of 4.89 standard errors: a false-alarm rate of 1e-6
 * each, 18 times per engine.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { gaussian } from "@ergodic/generators";
import { compile, useEngine } from "@ergodic/engine";
import { sgd } from "@ergodic/nn";
import { random, type Key } from "@ergodic/tensor";
import { latentChains, resolveOptions, type LatentPriorParams } from "../src/index.js";
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

const rate = sgd({ learningRate: 0 });

/** Compiled chains with 60 prior steps of 0.4 and 20 posterior steps of 0.1, the defaults. */
function chainsFor({ latents, outputs, sigma }: { latents: number; outputs: number; sigma: number }) {
  const options = resolveOptions({
    generator: linearGenerator(latents, outputs),
    energy: quadraticTilt(latents),
    optimizers: { generator: rate, energy: rate },
    observation: gaussian({ sigma }),
    observe: (batch: tf.Tensor) => batch,
  });
  const chains = latentChains(options);
  type Params = LatentPriorParams<Linear, Quadratic>;
  return {
    prior: compile((params: Params, n: number, key: Key) => chains.samplePrior(params, n, key)),
    posterior: compile((params: Params, x: tf.Tensor, key: Key) => chains.samplePosterior(params, x, key)),
  };
}

/**
 * Compares with the Gaussian N(mean, covariance), its covariance given as the upper triangle by
 * rows.
 */
function expectLaw(points: tf.Tensor, mean: readonly number[], covariance: readonly number[]): void {
  const count = points.shape[0]!;
  const found = moments(points);
  const d = mean.length;
  const entry = (i: number, j: number): number => covariance[i * d - (i * (i - 1)) / 2 + (j - i)]!;
  mean.forEach((value, i) => {
    expect(Math.abs(found.mean[i]! - value)).toBeLessThan(sixSigma * Math.sqrt(entry(i, i) / count));
  });
  let next = 0;
  for (let i = 0; i < d; i++)
    for (let j = i; j < d; j++) {
      const error = Math.sqrt((entry(i, i) * entry(j, j) + entry(i, j) ** 2) / (count - 1));
      expect(Math.abs(found.covariance[next++]! - entry(i, j))).toBeLessThan(sixSigma * error);
    }
}

describe.each(enginesOnThisMachine)("the law of short-run chains on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  /** Enough chains to detect a wrong law. The plain engine is slower. */
  const count = engine === "cpu" ? 4_000 : 20_000;

  describe("with a correlated target", () => {
    const chains = chainsFor({ latents: 2, outputs: 3, sigma: 0.5 });
    const params = (c: readonly number[]): LatentPriorParams<Linear, Quadratic> => ({
      generator: { weight: tf.tensor2d([1, 0.5, 0, 1, -1, 0.25], [3, 2]), bias: tf.tensor1d([0.1, -0.2, 0]) },
      energy: { A: tf.tensor2d([0.5, 0.2, 0.2, 0.3], [2, 2]), c: tf.tensor1d([...c]) },
    });
    const tilted = [0.4, -0.6];

    it("samples 60 prior steps of 0.4", async () => {
      const points = await chains.prior(params(tilted), count, random.key("prior law"));
      expectLaw(points, [0.3342195174, -0.5117059749], [0.7231847447, -0.1043532499, 0.8275379946]);
    });

    it("samples 20 posterior steps of 0.1", async () => {
      const x = tf.tile(tf.tensor2d([[0.7, -0.3, 0.2]]), [count, 1]);
      const points = await chains.posterior(params(tilted), x, random.key("posterior law"));
      expectLaw(points, [0.1297981527, 0.0226261503], [0.2411933179, -0.0586820925, 0.3854534619]);
    });

    // Chains are linear in their noise. With one key the noise cancels, and the difference is
    // exact.
    it("moves with the tilt by (I - F^K) m0, for every chain and without noise", async () => {
      const key = random.key("shifted prior");
      const shift = tf.sub(await chains.prior(params(tilted), 5, key), await chains.prior(params([0, 0]), 5, key));
      for (const row of shift.arraySync() as number[][]) {
        expect(largestDifference(row, [0.3342195174, -0.5117059749])).toBeLessThan(2e-6);
      }
    });

    it("moves with the observation by (I - F^K) Σ Wᵀ(x - b)/σ², for every chain and without noise", async () => {
      const key = random.key("shifted posterior");
      const atBias = tf.tile(tf.tensor2d([[0.1, -0.2, 0]]), [5, 1]);
      const atX = tf.tile(tf.tensor2d([[0.7, -0.3, 0.2]]), [5, 1]);
      const still = await chains.posterior(params([0, 0]), atBias, key);
      const moved = await chains.posterior(params(tilted), atX, key);
      for (const row of tf.sub(moved, still).arraySync() as number[][]) {
        expect(largestDifference(row, [0.1297981527, 0.0226261503])).toBeLessThan(2e-6);
      }
    });
  });

  describe("with independent coordinates", () => {
    // Prior precisions are 1 and 2. The second latent is observed with σ² = 1/11.1, so posterior
    // precisions are 1 and 12.1.
    const chains = chainsFor({ latents: 2, outputs: 1, sigma: Math.sqrt(1 / 11.1) });
    const params = (curvature: number, c: number): LatentPriorParams<Linear, Quadratic> => ({
      generator: { weight: tf.tensor2d([[0, 1]]), bias: tf.tensor1d([0]) },
      energy: { A: tf.tensor2d([0, 0, 0, curvature], [2, 2]), c: tf.tensor1d([c, c]) },
    });

    it("has the variances of 60 steps of 0.4 at precisions 1 and 2", async () => {
      const points = await chains.prior(params(1, 0), count, random.key("prior variances"));
      expectLaw(points, [0, 0], [1.0416647859, 0, 0.5434782612]);
    });

    it("has the variances of 20 steps of 0.1 at precisions 1 and 12.1", async () => {
      const points = await chains.posterior(params(0, 0), tf.zeros([count, 1]), random.key("posterior variances"));
      expectLaw(points, [0, 0], [1.000455338, 0, 0.1605905787]);
    });

    it("forgets the factor F^K of the distance to the mean", async () => {
      const key = random.key("mean factors");
      const free = tf.sub(await chains.prior(params(1, 1), 3, key), await chains.prior(params(1, 0), 3, key));
      const x = tf.zeros([3, 1]);
      const bound = tf.sub(await chains.posterior(params(0, 1), x, key), await chains.posterior(params(0, 0), x, key));
      // mean_K = (1 - F^K) m with m = c / P.
      const freeExpected = [1 - 6.7185e-3, (1 - 2.8626e-5) / 2];
      const boundExpected = [1 - 0.9046104803, (1 - 0.2870355502) / 12.1];
      for (let i = 0; i < 3; i++) {
        expect(largestDifference(valuesOf(free).slice(2 * i, 2 * i + 2), freeExpected)).toBeLessThan(2e-6);
        expect(largestDifference(valuesOf(bound).slice(2 * i, 2 * i + 2), boundExpected)).toBeLessThan(2e-6);
      }
    });
  });
});
