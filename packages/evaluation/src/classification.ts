/** Scores of the class probabilities that a model gives to examples of known class. */
import { assertInRange, assertInteger, assertPositiveInteger, fail } from "@ergodic/tensor";
import type { NumberArray } from "@ergodic/linear-algebra";
import { defaultBins, expectedCalibrationError, reliabilityTable, type ReliabilityBin } from "./calibration.js";
import { rowCount } from "./numbers.js";

export interface ProbabilityScores {
  /** Share of examples whose most probable class is their own; of equal ones the first counts. */
  readonly accuracy: number;
  /** Expected calibration error, see {@link expectedCalibrationError}. */
  readonly ece: number;
  /**
   * Brier score, mean Σ_c (p(c | x) - 1[c = y])², in [0, 2]. Brier, "Verification of forecasts
   * expressed in terms of probability" (1950).
   */
  readonly brier: number;
  /** Mean -log p(y | x), in nats. */
  readonly nll: number;
  readonly reliability: readonly ReliabilityBin[];
}

export interface ProbabilityOptions {
  readonly classes: number;
  /** Number of bins of confidence. Default 15. */
  readonly bins?: number;
}

/** Largest deviation of a sum of probabilities from 1: those of float32 logits deviate less. */
const tolerance = 1e-3;

/**
 * Accuracy, calibration, Brier score and negative log-likelihood, in float64.
 *
 * Brier score and negative log-likelihood are proper: their expectations are least for the true
 * p(y | x). Accuracy and calibration error are not.
 *
 * @param logProbabilities log p(c | x), row-major `[n, classes]`. Logarithms keep the likelihood of
 *   classes whose probability is 0 in float32.
 * @param labels the class of each example, 0 .. classes - 1, `[n]`
 * @throws ValidationError when a number of classes or bins is no positive integer, rows are
 *   incomplete or do not sum to 1, or labels do not fit
 */
export function probabilityScores(
  logProbabilities: NumberArray,
  labels: ArrayLike<number>,
  { classes, bins = defaultBins }: ProbabilityOptions,
): ProbabilityScores {
  assertPositiveInteger({ classes, bins });
  const n = rowCount("logProbabilities", logProbabilities, classes, 1);
  if (labels.length !== n) fail(`there are ${n} rows of probabilities and ${labels.length} labels`, "one label each");
  const confidences = new Float64Array(n);
  const right = new Uint8Array(n);
  let brier = 0;
  let nll = 0;
  for (let i = 0; i < n; i++) {
    const label = labels[i]!;
    assertInteger({ [`labels[${i}]`]: label });
    assertInRange({ [`labels[${i}]`]: label }, { min: 0, max: classes - 1 });
    const row = logProbabilities.subarray(i * classes, (i + 1) * classes);
    const probabilities = Float64Array.from(row, Math.exp);
    const total = probabilities.reduce((sum, p) => sum + p, 0);
    if (!(Math.abs(total - 1) <= tolerance))
      fail(`the probabilities of example ${i} sum to ${total}`, "1", "give logarithms of probabilities, not logits");
    const answer = row.indexOf(Math.max(...row));
    confidences[i] = Math.min(1, probabilities[answer]!);
    right[i] = answer === label ? 1 : 0;
    brier += probabilities.reduce((sum, p, c) => sum + (p - (c === label ? 1 : 0)) ** 2, 0);
    nll -= row[label]!;
  }
  const reliability = reliabilityTable(confidences, right, bins);
  return {
    accuracy: right.reduce((sum, hit) => sum + hit, 0) / n,
    ece: expectedCalibrationError(reliability),
    brier: brier / n,
    nll: nll / n,
    reliability,
  };
}
