/** Diagnostics of importance weights, of which a few large ones may dominate. */
import * as tf from "@tensorflow/tfjs-core";
import { fail } from "@ergodic/tensor";
import { mean } from "./moments.js";

/** log w of every draw, up to a common constant; -Infinity for weight 0. */
export type LogWeights = ArrayLike<number> | tf.Tensor;

/** Weights w/max w. */
function relativeWeights(logWeights: LogWeights): Float64Array {
  const logs = Float64Array.from(logWeights instanceof tf.Tensor ? logWeights.dataSync() : logWeights);
  if (logs.length === 0) fail("logWeights is empty", "one number per draw");
  const bad = logs.findIndex((value) => Number.isNaN(value) || value === Infinity);
  if (bad >= 0) fail(`logWeights[${bad}] is ${logs[bad]}`, "finite numbers, or -Infinity for weight 0");
  const highest = logs.reduce((a, b) => Math.max(a, b));
  if (highest === -Infinity) fail("every weight is 0", "at least one draw with positive weight");
  return logs.map((value) => Math.exp(value - highest));
}

/**
 * Weights w/Σ w, for expectations Σ W f(x) under the law that the weights target.
 *
 * @throws ValidationError for no weights, NaN or Infinity among the logarithms, or no positive
 *   weight.
 */
export function normalisedWeights(logWeights: LogWeights): Float64Array {
  const weights = relativeWeights(logWeights);
  const sum = weights.reduce((total, w) => total + w, 0);
  return weights.map((weight) => weight / sum);
}

/**
 * Effective sample size of importance weights, (Σ w)²/Σ w²: N for equal weights, 1 when one draw
 * has all the weight.
 *
 * @throws ValidationError as {@link normalisedWeights}.
 */
export function importanceSampleSize(logWeights: LogWeights): number {
  const weights = relativeWeights(logWeights);
  const sum = weights.reduce((total, w) => total + w, 0);
  return (sum * sum) / weights.reduce((total, w) => total + w * w, 0);
}

/**
 * Shape k of the generalised Pareto law of x in ascending order, x > 0.
 *
 * The estimate of Zhang and Stephens (2009), shrunk towards 1/2 as by 10 further observations.
 */
function paretoShape(x: Float64Array): number {
  const n = x.length;
  const count = 30 + Math.floor(Math.sqrt(n));
  const quartile = x[Math.floor(n / 4 + 0.5) - 1]!;
  const candidates = Float64Array.from(
    { length: count },
    (_, j) => 1 / x[n - 1]! + (1 - Math.sqrt(count / (j + 0.5))) / (3 * quartile),
  );
  const shapeAt = (b: number): number => mean(x.map((value) => Math.log1p(-b * value)));
  const logLikelihoods = candidates.map((b) => {
    const k = shapeAt(b);
    return n * (Math.log(-b / k) - k - 1);
  });
  const best = logLikelihoods.reduce((a, b) => Math.max(a, b));
  const likelihoods = logLikelihoods.map((value) => Math.exp(value - best));
  const total = likelihoods.reduce((sum, value) => sum + value, 0);
  const b = candidates.reduce((sum, value, j) => sum + (value * likelihoods[j]!) / total, 0);
  return (n * shapeAt(b) + 10 * 0.5) / (n + 10);
}

/**
 * Pareto k-hat of importance weights: the shape of the tail of the largest min(N/5, 3√N) weights.
 *
 * Below 0.5 the weights have a finite variance. Above 0.7 estimates from them are unreliable.
 * Infinity when the tail has fewer than 5 weights. Vehtari, Simpson, Gelman, Yao, Gabry, "Pareto
 * smoothed importance sampling", arXiv 1507.02646.
 *
 * @throws ValidationError as {@link normalisedWeights}.
 */
export function paretoK(logWeights: LogWeights): number {
  const sorted = relativeWeights(logWeights).sort();
  const size = Math.ceil(Math.min(sorted.length / 5, 3 * Math.sqrt(sorted.length)));
  const cutoff = Math.max(sorted[sorted.length - 1 - size] ?? 0, Number.MIN_VALUE);
  const tail = sorted.filter((weight) => weight > cutoff).map((weight) => weight - cutoff);
  return tail.length < 5 ? Infinity : paretoShape(tail);
}
