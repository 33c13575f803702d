/**
 * Chains that diverge to infinity, as unadjusted ones do where a step is too long for the energy.
 *
 * They raise an error and are never returned as draws.
 */
import { fail, tree, type TensorTree } from "@ergodic/tensor";

/** Chains with a number that is not finite, and the first draw (from 0) that has one. */
export interface Lost {
  readonly chains: number;
  readonly draw: number;
}

/**
 * The lost chains among positions `[chains, ...]`, or with `draws` among `[chains, draws, ...]`;
 * nothing where all numbers are finite.
 */
export function lostChains(positions: TensorTree, chains: number, draws = 1): Lost | undefined {
  const lost = new Set<number>();
  let first = Infinity;
  for (const leaf of tree.leaves(positions)) {
    const values = leaf.dataSync();
    const width = values.length / (chains * draws);
    values.forEach((value, at) => {
      if (Number.isFinite(value)) return;
      const row = Math.floor(at / width);
      lost.add(Math.floor(row / draws));
      first = Math.min(first, row % draws);
    });
  }
  return lost.size === 0 ? undefined : { chains: lost.size, draw: first };
}

/** @param step the first at which a chain was lost, from 1 */
export const failLost = (lost: number, { chains, step }: { readonly chains: number; readonly step: number }): never =>
  fail(
    `${lost} of ${chains} chains diverged to infinity, the first at step ${step}`,
    "positions that stay finite",
    "take smaller steps, bound the gradient (gradientClip) or the positions (clamp), or use a kernel with an accept step, such as mala",
  );
