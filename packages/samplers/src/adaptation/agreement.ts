/**
 * Which chains of a window agree, so that their draws may be pooled, and which are lost.
 *
 * Chains that started far apart do not agree at first: the scatter of their starts is not the scale
 * of the target. Chains of different modes never do.
 */
import { mean, variance } from "../diagnostics/moments.js";
import type { Welford } from "./welford.js";

/** What is known of a chain in a window. */
export interface ChainWindow {
  readonly positions: Welford;
  /** E after each step. */
  readonly energies: number[];
}

/** Means that differ by fewer standard deviations of a chain than this agree. */
const [agreeingMeans, agreeingEnergies] = [2, 3];

interface Moments {
  readonly mean: ArrayLike<number>;
  readonly variances: readonly number[];
  readonly energy: number;
  readonly energySd: number;
}

function momentsOf({ positions, energies }: ChainWindow): Moments {
  const { mean: means, spread, dense, count } = positions;
  const d = means.length;
  return {
    mean: means,
    variances: Array.from(means, (_, i) => spread[dense ? i * d + i : i]! / (count - 1)),
    energy: mean(energies),
    energySd: Math.sqrt(variance(energies)),
  };
}

function agree(a: Moments, b: Moments): boolean {
  const apart = Math.abs(a.energy - b.energy);
  if (!(apart <= agreeingEnergies * Math.min(a.energySd, b.energySd))) return false;
  for (let i = 0; i < a.mean.length; i++) {
    const common = (a.variances[i]! + b.variances[i]!) / 2;
    if (!((a.mean[i]! - b.mean[i]!) ** 2 <= agreeingMeans ** 2 * common)) return false;
  }
  return true;
}

/**
 * Groups of chains, the largest first. Two chains agree where the means of every coordinate differ
 * by at most two standard deviations of a chain, and their mean energies by at most three of the
 * smaller one. A group holds all chains that a sequence of agreeing pairs joins, as along a ridge
 * that no chain has crossed yet.
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
