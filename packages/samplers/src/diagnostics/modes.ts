/**
 * Movement of chains between modes, which R-hat cannot see when all chains stay in the same mode.
 */
import type * as tf from "@tensorflow/tfjs-core";
import { assertInteger, assertPositive, assertShape, fail } from "@ergodic/tensor";
import { chainsFrom, splitChains, type Chains, type Draws } from "./draws.js";
import { effectiveSize } from "./effective-size.js";

/**
 * The label of every draw: the index of the nearest of `centres`, as `[chain][draw]`. Ties go to
 * the first.
 *
 * @param draws tensor `[chains, draws, dimension]`
 * @throws ValidationError for another shape, no centres, or centres of another dimension.
 */
export function nearestMode(draws: tf.Tensor, centres: readonly (readonly number[])[]): number[][] {
  const dimension = centres[0]?.length;
  if (dimension === undefined) fail("centres is empty", "at least one centre");
  assertShape("draws", draws, [null, null, dimension], "one row of numbers per draw, as long as a centre");
  centres.forEach((centre, k) => {
    if (centre.length !== dimension) fail(`centres[${k}] has ${centre.length} entries`, `${dimension} as centres[0]`);
  });
  const [chains, steps] = draws.shape as [number, number, number];
  const values = draws.dataSync();
  const nearest = (at: number): number => {
    const distances = centres.map((centre) =>
      centre.reduce((sum, value, i) => sum + (values[at + i]! - value) ** 2, 0),
    );
    return distances.indexOf(Math.min(...distances));
  };
  return Array.from({ length: chains }, (_, c) =>
    Array.from({ length: steps }, (__, t) => nearest((c * steps + t) * dimension)),
  );
}

export interface ModeVisits {
  /** Share of steps that change the label. */
  readonly hopRate: number;
  /** The number of different labels of each chain. */
  readonly visited: readonly number[];
  /** Draws with label k, `[chain][k]`, k up to the largest label. */
  readonly counts: readonly (readonly number[])[];
  /** Share of all draws with label k. */
  readonly occupancy: readonly number[];
}

/** Whole-number labels, checked. */
function labelsFrom(labels: Draws): Chains {
  const chains = chainsFrom(labels, {}, "labels");
  for (const chain of chains) {
    const odd = chain.find((label) => !Number.isInteger(label) || label < 0);
    if (odd !== undefined) fail(`labels holds ${odd}`, "whole numbers from 0, the indices of modes");
  }
  return chains;
}

/**
 * The modes that chains visit and how often they change, from labels 0, 1, ... of the mode of each
 * draw, `[chain][draw]`.
 *
 * @throws ValidationError for labels that are not whole numbers from 0, fewer than 4 draws, chains
 *   of unequal length.
 */
export function modeVisits(labels: Draws): ModeVisits {
  const chains = labelsFrom(labels);
  const modes = 1 + chains.reduce((most, chain) => chain.reduce((a, b) => Math.max(a, b), most), 0);
  const steps = chains.length * (chains[0]!.length - 1);
  const counts = chains.map((chain) => {
    const count = new Array<number>(modes).fill(0);
    chain.forEach((label) => count[label]!++);
    return count;
  });
  const hops = chains.reduce(
    (sum, chain) => sum + chain.filter((label, t) => t > 0 && label !== chain[t - 1]).length,
    0,
  );
  const draws = chains.length * chains[0]!.length;
  return {
    hopRate: hops / steps,
    visited: counts.map((count) => count.filter((n) => n > 0).length),
    counts,
    occupancy: Array.from({ length: modes }, (_, k) => counts.reduce((sum, count) => sum + count[k]!, 0) / draws),
  };
}

export interface OccupancyTest {
  /**
   * Σ_k n (share_k - weight_k)²/weight_k. For chains that mix it is `degreesOfFreedom` ± √(2
   * degreesOfFreedom).
   */
  readonly chiSquared: number;
  readonly degreesOfFreedom: number;
  /** n: the smallest effective sample size of the indicators of modes. */
  readonly effectiveCount: number;
}

/**
 * Pearson's χ² of the shares of modes against their known weights, with counts corrected for
 * autocorrelation.
 *
 * @param weights positive, brought to sum 1; one per mode
 * @throws ValidationError as {@link modeVisits}; for fewer than two weights, and for labels beyond
 *   them.
 */
export function occupancyTest(labels: Draws, weights: readonly number[]): OccupancyTest {
  weights.forEach((weight, k) => assertPositive({ [`weights[${k}]`]: weight }));
  if (weights.length < 2) fail(`weights has ${weights.length} entries`, "at least 2, one per mode");
  const chains = labelsFrom(labels);
  const { occupancy } = modeVisits(labels);
  if (occupancy.length > weights.length) {
    fail(`labels goes up to ${occupancy.length - 1}`, `labels below ${weights.length}, the number of weights`);
  }
  const halves = splitChains(chains);
  const indicator = (k: number): Float64Array[] => halves.map((half) => half.map((label) => (label === k ? 1 : 0)));
  const effectiveCount = Math.min(...weights.map((_, k) => effectiveSize(indicator(k))));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const terms = weights.map((weight, k) => ((occupancy[k] ?? 0) - weight / total) ** 2 / (weight / total));
  return {
    chiSquared: effectiveCount * terms.reduce((sum, term) => sum + term, 0),
    degreesOfFreedom: weights.length - 1,
    effectiveCount,
  };
}

/**
 * The number of times each chain went from `from` to `to` and back, in any number of steps and
 * through any labels between.
 *
 * With temperature indices of tempered replicas this is their number of round trips along the
 * ladder.
 *
 * @throws ValidationError as {@link modeVisits}, and when the two labels are the same.
 */
export function roundTrips(labels: Draws, from: number, to: number): number[] {
  assertInteger({ from, to });
  if (from === to) fail(`from and to are both ${from}`, "two different labels");
  return labelsFrom(labels).map((chain) => {
    let trips = 0;
    let seeking: number | undefined;
    for (const label of chain) {
      if (label === from && seeking !== to) {
        if (seeking === from) trips++;
        seeking = to;
      } else if (label === to && seeking === to) seeking = from;
    }
    return trips;
  });
}
