/**
 * A last look at the step size of a warm-up: does it give the acceptance that was asked for?
 *
 * An average over few steps may be off, and so may one of many for trajectories of a fixed length: their acceptance rises and falls with the step
 * size (on a normal target the error of the energy is nearly 0 wherever the length is a multiple of half a period), and the average of two sizes that
 * give the right one need not. Where the acceptance misses, the nearest step size that meets it is searched for.
 */

/** What a step size gives. */
export interface Measured {
  readonly acceptance: number;
  /** Standard error of `acceptance`. */
  readonly error: number;
}

/** A miss by less is none, nor is one by fewer standard errors than these. */
const [tolerance, surelyErrors] = [0.03, 2.5];
/** The k-th step away from the size that misses is by this factor to the power k. */
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
 * @param stepSize what adaptation ended with
 * @param measure the acceptance at a step size; the same random numbers at all
 * @returns `stepSize` where it is as good as asked for, to 0.03 or the accuracy of the measurement; else the nearest that is, found by ever longer
 *   strides towards the target and halvings of the last
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
