/**
 * When a warm-up of given length re-estimates the mass, as Stan does except for the shortest.
 *
 *   - The first 75 steps find the typical set and adapt the step size alone.
 *   - Windows of 25, 50, 100, ... steps collect variances. A window takes all remaining steps when
 *     the next one would not fit.
 *   - The last 50 steps settle the step size.
 *
 * Below 150 steps the three parts are 15 %, the rest and 10 %, the last at least the 10 steps that
 * a step size needs. Below 20 steps only the step size is adapted.
 */
export interface WarmUpSchedule {
  /** The step, counted from 0, with which collecting begins. */
  readonly from: number;
  /** The last step of each window. */
  readonly windowEnds: readonly number[];
}

/** Steps that settle the step size after the last window, at least. */
const fewestLast = 10;

/** The windows of `steps` steps of warm-up. */
export function warmUpSchedule(steps: number): WarmUpSchedule {
  if (steps < 20) return { from: steps, windowEnds: [] };
  const short = steps < 150;
  const from = short ? Math.floor((15 * steps) / 100) : 75;
  const end = steps - (short ? Math.max(fewestLast, Math.floor(steps / 10)) : 50);
  const windowEnds: number[] = [];
  for (let start = from, size = short ? end - from : 25; start < end; size *= 2) {
    const length = start + 3 * size > end ? end - start : size;
    start += length;
    windowEnds.push(start - 1);
  }
  return { from, windowEnds };
}
