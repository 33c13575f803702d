/** Likelihoods of latent-variable models by importance sampling, and bits per dimension. */
import { assertPositiveInteger, fail } from "@ergodic/tensor";
import { assertAllFinite, type NumberArray } from "@ergodic/linear-algebra";
import { rowCount } from "./numbers.js";

export interface LikelihoodEstimate {
  /**
   * Mean over examples of -log p(x) in nats. It is too high on average, less so with more samples
   * (Jensen).
   */
  readonly negativeLogLikelihood: number;
  /**
   * Standard error of that mean, from the spread of examples, which includes that of their samples.
   * NaN for one example.
   */
  readonly standardError: number;
  /** For each example `log mean_k w_k`. */
  readonly logLikelihoods: Float64Array;
  /**
   * For each example `(sum w)^2 / sum w^2`, from 1 to the number of samples. Near 1 a single sample
   * determines the estimate.
   */
  readonly effectiveSamples: Float64Array;
}

/**
 * Importance-weighted likelihood from the logarithms of the weights, without overflow.
 *
 * `log p(x) ~ log (1/K) sum_k w_k` with `w_k = p(x | z_k) p(z_k) / q(z_k | x)`, `z_k ~ q(z | x)`
 *
 * An energy-based prior `exp(-E(z)) p0(z) / Z` enters with its `log Z`, from annealed importance
 * sampling.
 * Source: Importance Weighted Autoencoders, arXiv 1509.00519, equation 8.
 *
 * @param logWeights `[examples, samples]` row-major; -Infinity is a weight of zero
 * @throws ValidationError for incomplete rows, NaN or +Infinity, or an example all of whose weights
 *   are zero
 */
export function importanceLikelihood(logWeights: NumberArray, samples: number): LikelihoodEstimate {
  const examples = rowCount("the logarithms of the weights", logWeights, samples, 1);
  const logLikelihoods = new Float64Array(examples);
  const effectiveSamples = new Float64Array(examples);
  for (let i = 0; i < examples; i++) {
    const own = Float64Array.from(logWeights.subarray(i * samples, (i + 1) * samples));
    const largest = own.reduce((most, value) => Math.max(most, value), -Infinity);
    if (!Number.isFinite(largest))
      fail(
        `the largest log weight of example ${i} is ${largest}`,
        "a finite number",
        "does q(z | x) cover the posterior?",
      );
    let [sum, squares] = [0, 0];
    for (const value of own) {
      const weight = Math.exp(value - largest);
      sum += weight;
      squares += weight * weight;
    }
    logLikelihoods[i] = largest + Math.log(sum / samples);
    effectiveSamples[i] = (sum * sum) / squares;
  }
  const mean = logLikelihoods.reduce((total, value) => total + value, 0) / examples;
  const spread = logLikelihoods.reduce((total, value) => total + (value - mean) ** 2, 0) / (examples - 1);
  return {
    negativeLogLikelihood: -mean,
    standardError: Math.sqrt(spread / examples),
    logLikelihoods,
    effectiveSamples,
  };
}

/**
 * Bits per dimension of 8-bit data from log densities in nats.
 *
 * `-mean log p / (D log 2) + log2(256 / (high - low))`
 *
 * The last term is for pixels dequantised as `(x + U[0, 1)) / 256` and scaled to `range`: 8 for [0,
 * 1], 7 for [-1, 1]. Uniform dequantisation makes this an upper bound of the discrete value.
 *
 * @param logDensities one per example, in nats
 */
export function meanBitsPerDimension(
  logDensities: NumberArray,
  dimensions: number,
  [low, high]: readonly [number, number],
): number {
  assertPositiveInteger({ dimensions });
  rowCount("the log densities", logDensities, 1, 1);
  assertAllFinite("the log densities", logDensities);
  if (!(low < high)) fail(`range is [${low}, ${high}]`, "low < high", "for example [-1, 1]");
  const mean = Float64Array.from(logDensities).reduce((sum, value) => sum + value, 0) / logDensities.length;
  return -mean / (dimensions * Math.LN2) + Math.log2(256 / (high - low));
}
