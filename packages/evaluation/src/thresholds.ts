/**
 * Counts of examples above each threshold of a score, from which every curve of a detector is
 * computed.
 */
import { ValidationError } from "@ergodic/tensor";
import type { NumberArray } from "@ergodic/linear-algebra";

export interface Thresholds {
  /**
   * One per distinct score, in descending order: examples at or above it, and positives among them.
   */
  readonly points: readonly { readonly taken: number; readonly found: number }[];
  readonly positives: number;
  readonly negatives: number;
}

/**
 * Counts for each distinct score.
 *
 * Scores are compared unchanged, in float64. A sigmoid, for example, would make large energies
 * equal. Examples with equal scores enter together.
 *
 * @throws ValidationError when the lengths differ, a label is neither 0 nor 1, a score is not
 *   finite, or no label is 1
 */
export function thresholds(labels: ArrayLike<number>, scores: NumberArray): Thresholds {
  if (labels.length !== scores.length)
    throw new ValidationError(
      `there are ${labels.length} labels and ${scores.length} scores; give one score per label`,
    );
  let positives = 0;
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] !== 0 && labels[i] !== 1)
      throw new ValidationError(
        `labels[${i}] is ${labels[i]}; expected 1 for a positive (an anomaly) and 0 for any other`,
      );
    if (!Number.isFinite(scores[i])) throw new ValidationError(`scores[${i}] is ${scores[i]}; expected finite numbers`);
    positives += labels[i]!;
  }
  if (positives === 0) throw new ValidationError("no label is 1, so recall is undefined; include positive examples");
  const order = Float64Array.from(labels, (_, i) => i).sort((a, b) => scores[b]! - scores[a]!);
  const points: { taken: number; found: number }[] = [];
  let found = 0;
  for (let i = 0; i < order.length; i++) {
    found += labels[order[i]!]!;
    const tied = i + 1 < order.length && scores[order[i + 1]!] === scores[order[i]!];
    if (!tied) points.push({ taken: i + 1, found });
  }
  return { points, positives, negatives: labels.length - positives };
}
