/**
 * Which chains of a window agree, so that their draws may be pooled, and which are lost.
 *
 * Chains that started far apart do not agree at first: the scatter of their starts is not the scale
 * of the target. Chains of different modes never do.
 */
import { mean, variance } from "../diagnostics/moments.js";
import { observe, startWelford, type Welford } from "./welford.js";

/** What is known of a chain in a window. */
export interface ChainWindow {
  readonly positions: Welford;
  /** The last position, and Σ (x_t - x_(t-1))² of each coordinate. */
  last?: ArrayLike<number>;
  readonly steps: Float64Array;
  /** E after each step. */
  readonly energies: number[];
}

export const startWindow = (dimension: number, dense: boolean): ChainWindow => ({
  positions: startWelford(dimension, dense),
  steps: new Float64Array(dimension),
  energies: [],
});

/** Adds the position, which is kept, and the energy after a step. */
export function observeStep(window: ChainWindow, position: ArrayLike<number>, energy: number): void {
  const { last, steps } = window;
  if (last !== undefined) for (let i = 0; i < steps.length; i++) steps[i]! += (position[i]! - last[i]!) ** 2;
  window.last = position;
  observe(window.positions, position);
  window.energies.push(energy);
}

/** Means that differ by at most so many standard deviations agree. */
const agreeingDeviations = 3;

/**
 * A coordinate is mixed within a window if Σ (x_t - x_(t-1))²/(2 variance) is at least this. For n
 * independent draws it is n, for a random walk about 3.
 */
const leastMixed = 8;

interface Moments {
  readonly mean: ArrayLike<number>;
  readonly variances: readonly number[];
  /** Whether each coordinate is mixed. */
  readonly mixed: readonly boolean[];
  readonly energy: number;
  readonly energySd: number;
}

function momentsOf({ positions, steps, energies }: ChainWindow): Moments {
  const { mean: means, spread, dense, count } = positions;
  const d = means.length;
  const variances = Array.from(means, (_, i) => spread[dense ? i * d + i : i]! / (count - 1));
  return {
    mean: means,
    variances,
    mixed: variances.map((variance, i) => steps[i]! / (2 * variance) >= leastMixed),
    energy: mean(energies),
    energySd: Math.sqrt(variance(energies)),
  };
}

function agree(a: Moments, b: Moments): boolean {
  const d = a.mean.length;
  // A normal target in d dimensions has energies of standard deviation √(d/2).
  const scale = Math.max(Math.min(a.energySd, b.energySd), Math.sqrt(d / 2));
  if (!(Math.abs(a.energy - b.energy) <= agreeingDeviations * scale)) return false;
  for (let i = 0; i < d; i++) {
    if (!a.mixed[i] || !b.mixed[i]) continue;
    const common = (a.variances[i]! + b.variances[i]!) / 2;
    if (!((a.mean[i]! - b.mean[i]!) ** 2 <= agreeingDeviations ** 2 * common)) return false;
  }
  return true;
}

/**
 * Groups of chains, the largest first. A group holds all chains that a sequence of agreeing pairs
 * joins. Two chains agree where
 *
 *   - their mean energies differ by at most three standard deviations, so that neither is still on
 *     its way to the typical set,
 *   - and so do the means of every coordinate that is mixed in both. Where a coordinate moves
 *     slowly, as along a ridge, chains are apart without being in different modes.
 */
export function agreeingGroups(windows: readonly ChainWindow[]): number[][] {
  const moments = windows.map(momentsOf);
  const left = new Set(moments.keys());
  const groups: number[][] = [];
  for (const first of moments.keys()) {
    if (!left.delete(first)) continue;
    const group = [first];
    for (let at = 0; at < group.length; at++) {
      for (const other of left) {
        if (!agree(moments[group[at]!]!, moments[other]!)) continue;
        group.push(other);
        left.delete(other);
      }
    }
    groups.push(group.sort((a, b) => a - b));
  }
  return groups.sort((a, b) => b.length - a.length);
}

/** A chain with an energy so many standard deviations and units above the other chains is lost. */
const lostAbove = { deviations: 10, units: 20 };

/** A chain that stays at energies where the target has no mass that matters. */
export interface LostChain {
  readonly chain: number;
  /** The chain's mean energy above that of the largest group. */
  readonly above: number;
}

/**
 * The lost chains of a window: those far above the energies of a group that holds at least half of
 * the chains, unless they came a quarter of the way down within the window.
 *
 * @param groups of {@link agreeingGroups} for the same windows
 */
export function lostAmong(windows: readonly ChainWindow[], groups: readonly (readonly number[])[]): LostChain[] {
  const [main, ...others] = groups;
  if (main === undefined || 2 * main.length < windows.length) return [];
  const typical = main.flatMap((chain) => windows[chain]!.energies);
  const level = mean(typical);
  const limit = lostAbove.units + lostAbove.deviations * Math.sqrt(variance(typical));
  return others.flat().flatMap((chain) => {
    const { energies } = windows[chain]!;
    const half = Math.floor(energies.length / 2);
    const [before, after] = [mean(energies.slice(0, half)), mean(energies.slice(half))];
    const above = mean(energies) - level;
    return after - level > limit && before - after < above / 4 ? [{ chain, above }] : [];
  });
}
