/** Pictures as rows of numbers. */
import type { Snapshot } from "./long-run.js";

/** Pictures of all chains at one step: images, sequences of images or points. */
export interface PictureRows {
  readonly step: number;
  readonly values: ArrayLike<number>;
  readonly shape: readonly number[];
}

/** The pictures of snapshots. Empty when they show text. */
export const picturesOf = (snapshots: readonly Snapshot[]): PictureRows[] =>
  snapshots.flatMap(({ step, samples }) =>
    samples.kind === "text" ? [] : [{ step, values: samples.values, shape: samples.shape }],
  );

/** The size of one picture of `[n, ...]`. */
export const numbersIn = ({ shape }: { readonly shape: readonly number[] }): number =>
  shape.slice(1).reduce((product, side) => product * side, 1);

/** Σ (a - b)² of row `i` of `a` and row `j` of `b`, rows of `size` numbers. */
export function squaredDistance(
  a: ArrayLike<number>,
  i: number,
  b: ArrayLike<number>,
  j: number,
  size: number,
): number {
  let sum = 0;
  for (let k = 0; k < size; k++) sum += (a[i * size + k]! - b[j * size + k]!) ** 2;
  return sum;
}
