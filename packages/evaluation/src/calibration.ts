/**
 * Calibration of a classifier: whether it is right as often as it is confident.
 *
 * Guo et al., "On Calibration of Modern Neural Networks", arXiv 1706.04599, section 2.
 */
import { assertInRange, assertPositiveInteger, fail } from "@ergodic/tensor";

/** The examples whose confidence lies in (low, high]. */
export interface ReliabilityBin {
  readonly low: number;
  readonly high: number;
  readonly count: number;
  /** Mean confidence. */
  readonly confidence: number;
  /** Share of right answers. */
  readonly accuracy: number;
}

/** Number of bins of Guo et al. */
export const defaultBins = 15;

/**
 * Confidence and accuracy in M bins of equal width, ((m - 1)/M, m/M]. Bins without examples are
 * left out.
 *
 * @param confidences of each answer, in [0, 1]; 0 belongs to the first bin
 * @param right 1 for a right answer, 0 for a wrong one
 * @param bins M
 * @throws ValidationError when there are no answers, the lengths differ, a confidence is outside
 *   [0, 1], or M is no positive integer
 */
export function reliabilityTable(
  confidences: ArrayLike<number>,
  right: ArrayLike<number>,
  bins: number = defaultBins,
): ReliabilityBin[] {
  assertPositiveInteger({ bins });
  if (confidences.length !== right.length || confidences.length === 0)
    fail(`there are ${confidences.length} confidences and ${right.length} answers`, "one of either for each example");
  const sums = Array.from({ length: bins }, () => ({ count: 0, confidence: 0, right: 0 }));
  for (let i = 0; i < confidences.length; i++) {
    const confidence = confidences[i]!;
    assertInRange({ [`confidences[${i}]`]: confidence }, { min: 0, max: 1 });
    const bin = sums[Math.max(0, Math.ceil(confidence * bins) - 1)]!;
    bin.count += 1;
    bin.confidence += confidence;
    bin.right += right[i]!;
  }
  return sums.flatMap(({ count, confidence, right: hits }, m) =>
    count === 0
      ? []
      : [{ low: m / bins, high: (m + 1) / bins, count, confidence: confidence / count, accuracy: hits / count }],
  );
}

/**
 * ECE = Σ_m (n_m/n) |accuracy_m - confidence_m| over the bins of a reliability table, in [0, 1]
 * (equation 3).
 *
 * It is biased upward: of n answers of a calibrated classifier it is of the order √(M/n). Compare
 * values only at equal n and M.
 */
export function expectedCalibrationError(table: readonly ReliabilityBin[]): number {
  const total = table.reduce((sum, { count }) => sum + count, 0);
  return (
    table.reduce((sum, { count, accuracy, confidence }) => sum + count * Math.abs(accuracy - confidence), 0) / total
  );
}
