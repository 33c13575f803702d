/** The overlap of two samples of numbers, for instance of the energies of negatives and data. */
import { assertCount, fail } from "@ergodic/tensor";
import { quantileOfSorted } from "./moments.js";

export interface OverlapOptions {
  /** K. Default ⌈2 n^(1/3)⌉ for n numbers in the smaller sample (Rice's rule). */
  readonly bins?: number;
}

function checked(values: ArrayLike<number>, name: string): Float64Array {
  const numbers = Float64Array.from(values);
  if (numbers.length === 0) fail(`${name} is empty`, "at least one number");
  const bad = numbers.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) fail(`${name}[${bad}] is ${numbers[bad]}`, "finite numbers");
  return numbers;
}

/**
 * Shares of `values` in the bins between ascending `edges`; a number on an edge belongs to the bin
 * above it.
 */
function shares(values: Float64Array, edges: readonly number[]): number[] {
  const counts = new Array<number>(edges.length + 1).fill(0);
  for (const value of values) {
    let bin = 0;
    while (bin < edges.length && value >= edges[bin]!) bin++;
    counts[bin]! += 1 / values.length;
  }
  return counts;
}

/**
 * The overlap Σ_k min(p_k, q_k) of the histograms of two samples, in [0, 1]: 1 for the same shares,
 * 0 where no bin holds both.
 *
 * Edges are quantiles of both samples together, so bins are equally full in spite of outliers, and
 * the overlap is the same for any increasing function of the numbers. It estimates ∫ min(p, q),
 * which is 2Φ(-δ/2) for normals of equal spread whose means are δ spreads apart. For samples of n
 * numbers from one law it is 1 - √((K - 1)/(πn)) on average.
 *
 * For energies of positives and negatives:
 *   - It is near 1 when chains follow the model.
 *   - It is near 0 when chains are caught in deep minima (negatives lower) or have not converged
 *     (negatives higher).
 *
 * @throws ValidationError for an empty sample, numbers that are not finite, or a number of bins
 *   that is no positive integer.
 */
export function histogramOverlap(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  { bins = Math.ceil(2 * Math.cbrt(Math.min(first.length, second.length))) }: OverlapOptions = {},
): number {
  const [a, b] = [checked(first, "first"), checked(second, "second")];
  assertCount({ bins }, 1_000_000);
  const both = Float64Array.from([...a, ...b]).sort();
  const edges = Array.from({ length: bins - 1 }, (_, k) => quantileOfSorted(both, (k + 1) / bins));
  const [p, q] = [shares(a, edges), shares(b, edges)];
  return p.reduce((sum, share, k) => sum + Math.min(share, q[k]!), 0);
}
