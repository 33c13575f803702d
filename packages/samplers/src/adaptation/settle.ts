/**
 * The last check of a warm-up: whether its step size gives the target acceptance.
 *
 * The averaged step size can miss the target:
 *   - An average over few steps is inaccurate.
 *   - For trajectories of a fixed length the acceptance rises and falls with the step size, so the
 *     average of two sizes that meet the target need not meet it. On a normal target the energy
 *     error is nearly 0 wherever the length is a multiple of half a period.
 *
 * Where the acceptance misses, the nearest step size that meets it is searched for.
 */

/** The acceptance at a step size. */
export interface Measured {
  readonly acceptance: number;
  /** Standard error of `acceptance`. */
  readonly error: number;
}

/** Misses below this difference, or below so many standard errors, are accepted. */
const [tolerance, surelyErrors] = [0.03, 2.5];
/** The k-th stride away from a size that misses multiplies it by this factor to the power k. */
const stride = 1.2;
const [mostStrides, halvings] = [8, 4];

interface Tried extends Measured {
  readonly size: number;
}

/** Where the acceptance is `target` between two sizes on either side of it, linear in log ε. */
function between(above: Tried, below: Tried, target: number): number {
  const share = (above.acceptance - target) / (above.acceptance - below.acceptance);
  return above.size * (below.size / above.size) ** share;
}

/**
 * @param stepSize the averaged step size at the end of adaptation
 * @param measure the acceptance at a step size; it uses the same random numbers at every size
 * @returns `stepSize` where it meets the target to 0.03 or the accuracy of the measurement; else
 *   the nearest size that does, found by ever longer strides towards the target and halvings of the
 *   last
 */
export async function settledStepSize(
  stepSize: number,
  target: number,
  measure: (stepSize: number) => Promise<Measured>,
): Promise<number> {
  const at = async (size: number): Promise<Tried> => ({ size, ...(await measure(size)) });
  let last = await at(stepSize);
  if (Math.abs(last.acceptance - target) <= Math.max(tolerance, surelyErrors * last.error)) return stepSize;
  const tooSmall = last.acceptance > target;
  for (let k = 1; k <= mostStrides; k++) {
    const next = await at(last.size * stride ** (tooSmall ? k : -k));
    if (next.acceptance > target === tooSmall) {
      last = next;
      continue;
    }
    let [above, below] = tooSmall ? [last, next] : [next, last];
    for (let halving = 0; halving < halvings; halving++) {
      const middle = await at(Math.sqrt(above.size * below.size));
      if (middle.acceptance > target) above = middle;
      else below = middle;
    }
    return between(above, below, target);
  }
  return last.size;
}
