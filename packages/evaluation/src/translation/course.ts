/** How the errors of raw and refined translations change over training. */
import type { TranslationSide } from "@ergodic/training";
import type { TranslationScores } from "./translation-scores.js";

/** The errors of one checkpoint: mean absolute errors of images, mean distances of points. */
export interface CoursePoint {
  readonly iteration: number;
  readonly raw: number;
  readonly refined: number;
}

export interface Course {
  /** In order of the iterations. */
  readonly points: readonly CoursePoint[];
  /**
   * The first iteration from which on refined translations are no better than raw ones at every
   * checkpoint. Absent if the last refined ones are better.
   */
  readonly crossing?: number;
}

/** The course of one direction from scores of checkpoints. */
export function courseOf(
  scored: readonly { readonly iteration: number; readonly scores: TranslationScores }[],
  side: TranslationSide,
): Course {
  const error = (of: { readonly mae?: number; readonly pairError?: number }): number => of.mae ?? of.pairError!;
  const points = [...scored]
    .sort((a, b) => a.iteration - b.iteration)
    .map(({ iteration, scores }) => ({
      iteration,
      raw: error(scores[side].raw),
      refined: error(scores[side].refined),
    }));
  const lastBetter = points.findLastIndex(({ raw, refined }) => refined < raw);
  const crossing = points[lastBetter + 1]?.iteration;
  return { points, ...(crossing !== undefined && { crossing }) };
}
