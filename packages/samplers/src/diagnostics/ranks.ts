/**
 * Normal scores: draws replaced by normal quantiles of their ranks, so that diagnostics need no
 * finite moments.
 */
import { pooled, type Chains } from "./draws.js";
import { normalQuantile } from "./inverse-normal.js";
import { ascendingOrder } from "./order.js";

/** Φ⁻¹((r - 3/8)/(S + 1/4)) for rank r of S. */
const scoreOf = (rank: number, size: number): number => normalQuantile((rank - 0.375) / (size + 0.25));

let scores = new Float64Array(0);

/**
 * The scores of ranks 1 ... S. Those of the last S are cached, since one table serves every number
 * of a position.
 */
function scoresFor(size: number): Float64Array {
  if (scores.length !== size) {
    scores = new Float64Array(size);
    for (let i = 0; i < size; i++) scores[i] = scoreOf(i + 1, size);
  }
  return scores;
}

/**
 * The scores of `values`, given their ascending order; equal values share the score of the mean of
 * their ranks.
 */
function scoresInOrder(values: Float64Array, order: Uint32Array): Float64Array {
  const table = scoresFor(values.length);
  const result = new Float64Array(values.length);
  for (let first = 0; first < order.length;) {
    const value = values[order[first]!]!;
    let last = first;
    while (last + 1 < order.length && values[order[last + 1]!] === value) last++;
    const score = first === last ? table[first]! : scoreOf((first + last) / 2 + 1, values.length);
    for (; first <= last; first++) result[order[first]!] = score;
  }
  return result;
}

/** Pooled draws, split into chains of one length. */
const unpooled = (all: Float64Array, length: number): Float64Array[] =>
  Array.from({ length: all.length / length }, (_, c) => all.subarray(c * length, (c + 1) * length));

/**
 * z = Φ⁻¹((r - 3/8)/(S + 1/4)) with r the rank among all S draws of all chains; equal draws share
 * the mean of their ranks.
 */
export function rankNormalise(chains: Chains): Float64Array[] {
  const all = pooled(chains);
  return unpooled(scoresInOrder(all, ascendingOrder(all)), chains[0]!.length);
}

/**
 * The order of |x - m| from that of x, merged outwards from `above`, the first place in it with x ≥
 * m.
 */
function foldedOrder(folded: Float64Array, order: Uint32Array, above: number): Uint32Array {
  let below = above - 1;
  const merged = new Uint32Array(order.length);
  for (let i = 0; i < merged.length; i++) {
    const down = above === order.length || (below >= 0 && folded[order[below]!]! < folded[order[above]!]!);
    merged[i] = order[down ? below-- : above++]!;
  }
  return merged;
}

/**
 * The results of one sort: the draws in ascending order, their normal scores, and those of |x -
 * median|.
 */
export interface Ranked {
  readonly sorted: Float64Array;
  readonly scores: Float64Array[];
  /** The scores of |x - median|, in which chains of unequal spread have unequal locations. */
  readonly foldedScores: Float64Array[];
}

export function ranked(chains: Chains): Ranked {
  const length = chains[0]!.length;
  const all = pooled(chains);
  const order = ascendingOrder(all);
  const sorted = new Float64Array(all.length);
  for (let i = 0; i < order.length; i++) sorted[i] = all[order[i]!]!;
  const median = (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
  const folded = new Float64Array(all.length);
  for (let i = 0; i < all.length; i++) folded[i] = Math.abs(all[i]! - median);
  return {
    sorted,
    scores: unpooled(scoresInOrder(all, order), length),
    foldedScores: unpooled(
      scoresInOrder(
        folded,
        foldedOrder(
          folded,
          order,
          sorted.findIndex((value) => value >= median),
        ),
      ),
      length,
    ),
  };
}
