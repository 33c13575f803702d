/** A log partition function from the log weights of draws, with its error. */
import { assertCount, assertInRange, random, type Key } from "@ergodic/tensor";
import { importanceSampleSize } from "../diagnostics/importance.js";
import { quantileOfSorted, variance } from "../diagnostics/moments.js";
import { logMeanExp } from "./log-weights.js";

/** The error of the log of the mean of N independent weights. */
export interface WeightSummary {
  /** √(1/ESS - 1/N): the standard error of the log of the mean weight, by the delta method. */
  readonly standardError: number;
  /** ESS = (Σ w)²/Σ w². */
  readonly effectiveSize: number;
  /** Standard deviation of the log weights that are finite. */
  readonly spread: number;
  /** Reasons to doubt the estimate, in words; empty if there are none. */
  readonly advice: readonly string[];
}

const [fewestEffective, widestSpread] = [10, 3];

/**
 * @param logWeights of N independent draws; with resampling, of all descendants of each of N first
 *   draws
 */
export function summarizeWeights(logWeights: Float64Array): WeightSummary {
  const effectiveSize = importanceSampleSize(logWeights);
  const finite = logWeights.filter(Number.isFinite);
  const spread = finite.length < 2 ? 0 : Math.sqrt(variance(finite));
  const dead = logWeights.length - finite.length;
  const few = `the weights of ${logWeights.length} draws are worth ${effectiveSize.toPrecision(2)} equal ones (ESS, at least ${fewestEffective} wanted)`;
  const wide = `log weights have a standard deviation of ${spread.toPrecision(2)} (at most ${widestSpread} wanted)`;
  // A draw whose weight is 0 keeps weight 0 at every later level.
  const remedy =
    dead > 0 && effectiveSize > finite.length / 2
      ? `${dead} of them have weight 0: take more draws, or a reference whose draws lie where the target has density`
      : "take more levels";
  const remarks = [effectiveSize < fewestEffective && few, spread > widestSpread && wide];
  return {
    standardError: Math.sqrt(Math.max(0, 1 / effectiveSize - 1 / logWeights.length)),
    effectiveSize,
    spread,
    advice: remarks
      .filter((remark) => remark !== false)
      .map((remark) => `${remark}: the estimate and its error cannot be trusted; ${remedy}`),
  };
}

export interface BootstrapOptions {
  readonly key: Key;
  /** Share of resampled means within the interval, in (0, 1). Default 0.95. */
  readonly coverage?: number;
  /** Default 1000. */
  readonly resamples?: number;
}

/**
 * Bootstrap interval of the log of a mean weight: the central `coverage` of the log means of
 * resampled weights.
 *
 * Percentile method, Efron 1979. Add the known log Z of the reference. An interval from few
 * effective draws is too narrow, as is the standard error.
 *
 * @param logWeights of independent draws: `contributions` of an estimate
 */
export function bootstrapInterval(
  logWeights: Float64Array,
  { key, coverage = 0.95, resamples = 1000 }: BootstrapOptions,
): [low: number, high: number] {
  assertInRange({ coverage }, { min: 0, max: 1, minOpen: true, maxOpen: true });
  assertCount({ resamples }, 1_000_000);
  const means = Float64Array.from({ length: resamples }, (_, r) => {
    const chosen = random.host.integers(random.fold(key, r), logWeights.length, { high: logWeights.length });
    return logMeanExp(Float64Array.from(chosen, (i) => logWeights[i]!));
  }).sort();
  return [quantileOfSorted(means, (1 - coverage) / 2), quantileOfSorted(means, (1 + coverage) / 2)];
}
