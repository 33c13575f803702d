/** A grid of what a trained model makes of latents. */
import * as tf from "@tensorflow/tfjs-core";
import { tree, type TensorTree } from "@ergodic/tensor";
import type { LatentSpace, LearnerState } from "@ergodic/training";

export interface Grid {
  /** `[rows · columns, ...]` in each leaf, row after row. The caller disposes it. */
  readonly observations: TensorTree;
  readonly columns: number;
  /** What the picture shows, in words. */
  readonly caption: string;
  /** Numbers for JSON. */
  readonly about: Readonly<Record<string, unknown>>;
}

/** The latent space of a run in its state. */
export interface Latents {
  readonly space: LatentSpace<LearnerState, unknown>;
  readonly state: LearnerState;
}

/** The rows with these numbers of every leaf. */
export const rowsOf = (z: TensorTree, rows: readonly number[]): TensorTree =>
  tree.map((leaf) => tf.gather(leaf, [...rows]), z);

/** Trees joined along the first axis of every leaf. */
export const joined = (parts: readonly TensorTree[]): TensorTree => {
  const [first, ...others] = parts;
  return tree.zip((...leaves) => tf.concat(leaves, 0), first!, ...others) as TensorTree;
};

/** 0, 1, ..., n - 1. */
export const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** Grids of latents that are decoded row by row. Latents are disposed. */
export async function decodedGrid(
  { space, state }: Latents,
  z: TensorTree,
  grid: Omit<Grid, "observations">,
): Promise<Grid> {
  try {
    return { ...grid, observations: await space.decode(state, z) };
  } finally {
    tree.dispose(z);
  }
}
