/**
 * Precision and recall of a score that is high for the positive class, for example anomalies.
 *
 * Examples are taken in descending order of score:
 * - Recall is the share of positives found so far.
 * - Precision is the share of positives among the examples taken.
 * - Examples with equal scores enter together.
 *
 * A random score's area is the share of positives, unlike the area under the ROC curve. So compare
 * values only at equal shares.
 */
import type { NumberArray } from "@ergodic/linear-algebra";
import { thresholds } from "./thresholds.js";

interface CurvePoint {
  readonly recall: number;
  readonly precision: number;
}

/** One point per distinct score, in descending order; recall rises from above 0 to 1. */
function precisionRecallCurve(labels: ArrayLike<number>, scores: NumberArray): CurvePoint[] {
  const { points, positives } = thresholds(labels, scores);
  return points.map(({ found, taken }) => ({ recall: found / positives, precision: found / taken }));
}

/**
 * Area under precision over recall by the trapezoid rule, from the point (recall 0, precision 1),
 * in (0, 1].
 *
 * @param labels 1 for positives (anomalies), 0 for the others
 * @param scores higher for more likely positives; equal scores share one threshold
 * @throws ValidationError when the lengths differ, a label is neither 0 nor 1, a score is not
 *   finite, or no label is 1
 */
export function areaUnderPrecisionRecall(labels: ArrayLike<number>, scores: NumberArray): number {
  let area = 0;
  let before: CurvePoint = { recall: 0, precision: 1 };
  for (const point of precisionRecallCurve(labels, scores)) {
    area += ((point.recall - before.recall) * (point.precision + before.precision)) / 2;
    before = point;
  }
  return area;
}

/**
 * Average precision: Σ (recall_n - recall_{n-1}) precision_n, the same area by steps without
 * interpolation.
 *
 * @throws ValidationError as {@link areaUnderPrecisionRecall}
 */
export function averagePrecision(labels: ArrayLike<number>, scores: NumberArray): number {
  let area = 0;
  let recall = 0;
  for (const point of precisionRecallCurve(labels, scores)) {
    area += (point.recall - recall) * point.precision;
    recall = point.recall;
  }
  return area;
}
