/**
 * Thermodynamic integration: log Z_1 - log Z_0 = ∫₀¹ E_β[log f_1 - log f_0] dβ, from draws at
 * several β.
 *
 * As d/dβ of the integrand is the variance V_β of log f_1 - log f_0, the trapezoidal rule is
 * corrected by -Δ²/12 (V_b - V_a) on each interval. Friel, Hurn and Wyse, "Improving power
 * posterior estimation of statistical evidence", arXiv 1209.3198.
 */
import type * as tf from "@tensorflow/tfjs-core";
import { assertShape, fail } from "@ergodic/tensor";
import { mean, variance } from "../diagnostics/moments.js";
import { mcseMean } from "../diagnostics/standard-errors.js";

export interface ThermodynamicIntegral {
  /** log Z_1 - log Z_0. */
  readonly logRatio: number;
  /**
   * Monte Carlo error, with autocorrelation and correlation between replicas, but without the error
   * of the quadrature.
   */
  readonly standardError: number;
}

/** Weights of the trapezoidal rule on knots in any monotone order. */
const trapezoid = (knots: readonly number[]): number[] =>
  knots.map((knot, i) => Math.abs((knots[i + 1] ?? knot) - (knots[i - 1] ?? knot)) / 2);

/**
 * @param betas from 1 to 0 or from 0 to 1
 * @param differences E₁ - E₀ of draws at each β, `[chains, draws, betas]`: `info.difference` of
 *   tempered chains with a reference
 * @throws ValidationError for betas that do not span [0, 1], another shape, fewer than 4 draws, or
 *   numbers that are not finite.
 */
export function thermodynamicIntegral(betas: readonly number[], differences: tf.Tensor): ThermodynamicIntegral {
  assertShape("differences", differences, [null, null, betas.length], "[chains, draws, betas]");
  if (Math.min(...betas) !== 0 || Math.max(...betas) !== 1) {
    fail(
      `betas spans [${Math.min(...betas)}, ${Math.max(...betas)}]`,
      "[0, 1]",
      "let the hottest replica be the reference",
    );
  }
  const [chains, draws] = differences.shape as [number, number, number];
  const values = differences.dataSync();
  const weights = trapezoid(betas);
  const at = (c: number, t: number, k: number): number => -values[(c * draws + t) * betas.length + k]!;
  const integrals = Array.from({ length: chains }, (_, c) =>
    Float64Array.from({ length: draws }, (__, t) => weights.reduce((sum, weight, k) => sum + weight * at(c, t, k), 0)),
  );
  const standardError = mcseMean(integrals);
  const variances = betas.map((_, k) =>
    variance(Float64Array.from({ length: chains * draws }, (__, i) => at(Math.floor(i / draws), i % draws, k))),
  );
  const rising = betas.map((_, k) => k).sort((i, j) => betas[i]! - betas[j]!);
  const correction = rising.slice(1).reduce((sum, k, i) => {
    const before = rising[i]!;
    return sum - ((betas[k]! - betas[before]!) ** 2 / 12) * (variances[k]! - variances[before]!);
  }, 0);
  return { logRatio: mean(integrals.map(mean)) + correction, standardError };
}
