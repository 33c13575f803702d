/**
 * Precision and recall of a score that should be high for the positive class: how well anomalies are found.
 *
 * Going down the sorted scores, recall is the share of positives found so far and precision the share of positives among what was
 * found. Examples with equal scores cannot be told apart, so they enter together. Unlike the area under the ROC curve, a random
 * score's area is the share of positives, so figures are comparable only at equal shares.
 */
import type { NumberArray } from "@ergodic/linear-algebra";
import { thresholds } from "./thresholds.js";

interface CurvePoint {
  readonly recall: number;
  readonly precision: number;
}

/** One point per distinct score, from the highest down; recall rises from above 0 to 1. */
function precisionRecallCurve(labels: ArrayLike<number>, scores: NumberArray): CurvePoint[] {
  const { points, positives } = thresholds(labels, scores);
  return points.map(({ found, taken }) => ({ recall: found / positives, precision: found / taken }));
}

/**
 * The area under precision over recall by the trapezoid rule, from the point (recall 0, precision 1), in (0, 1].
 *
 * @param labels 1 for positives (anomalies), 0 for the others
 * @param scores higher where more likely positive; equal scores share one threshold
 * @throws ValidationError when the lengths differ, a label is neither 0 nor 1, a score is not finite, or no label is 1
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
 * Average precision: Σ (recall_n - recall_{n-1}) precision_n, the same area by steps, which does not interpolate.
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
