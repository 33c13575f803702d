/**
 * Receiver operating characteristic of a score that is high for the positive class: true positives
 * against false alarms.
 *
 * Energies allow two choices:
 * - The anomalies are positive, with the energy as score.
 * - The regular examples are positive, with minus the energy as score.
 *
 * The area here is the same for both, the area under precision and recall is not. State the choice.
 */
import { assertInRange, timesCount, ValidationError } from "@ergodic/tensor";
import type { NumberArray } from "@ergodic/linear-algebra";
import { thresholds, type Thresholds } from "./thresholds.js";

/**
 * P(score of a positive > score of a negative), where equal scores count half.
 *
 * It is the area by the trapezoid rule with one point per distinct score: 0.5 when all scores are
 * equal.
 *
 * @param labels 1 for positives, 0 for the others
 * @param scores higher for more likely positives
 * @throws ValidationError when the lengths differ, a label is neither 0 nor 1, a score is not
 *   finite, or a class is missing
 */
export function areaUnderRoc(labels: ArrayLike<number>, scores: NumberArray): number {
  const { points, positives, negatives } = bothClasses(labels, scores);
  let area = 0;
  let [hits, alarms] = [0, 0];
  for (const { taken, found } of points) {
    area += ((taken - found - alarms) * (found + hits)) / 2;
    [hits, alarms] = [found, taken - found];
  }
  return area / (positives * negatives);
}

/**
 * The smallest share of negatives above a threshold that at least `rate` of the positives pass
 * ("FPR@95" for 0.95).
 *
 * @throws ValidationError as {@link areaUnderRoc}, or for a rate outside (0, 1]
 */
export function falseAlarmsAt(rate: number, labels: ArrayLike<number>, scores: NumberArray): number {
  assertInRange({ rate }, { min: 0, max: 1, minOpen: true });
  const { points, positives, negatives } = bothClasses(labels, scores);
  const least = timesCount(rate, positives);
  const { taken, found } = points.find((point) => point.found >= least)!;
  return (taken - found) / negatives;
}

/**
 * The largest share of positives above a threshold that at most `rate` of the negatives pass
 * ("TPR@5 % FPR" for 0.05).
 *
 * @throws ValidationError as {@link areaUnderRoc}, or for a rate outside [0, 1]
 */
export function hitsAt(rate: number, labels: ArrayLike<number>, scores: NumberArray): number {
  assertInRange({ rate }, { min: 0, max: 1 });
  const { points, positives, negatives } = bothClasses(labels, scores);
  const most = timesCount(rate, negatives);
  return points.reduce((hits, { taken, found }) => (taken - found <= most ? found : hits), 0) / positives;
}

function bothClasses(labels: ArrayLike<number>, scores: NumberArray): Thresholds {
  const counts = thresholds(labels, scores);
  if (counts.negatives === 0)
    throw new ValidationError("no label is 0, so false alarms are undefined; include negative examples");
  return counts;
}
