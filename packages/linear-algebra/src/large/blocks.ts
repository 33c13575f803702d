/** Products of matrices, block by block. Several threads may work on one job. */
import type { Tiles } from "./tiles.js";

/** A row-major matrix of `rows` x `columns` numbers. */
export interface DenseMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
}

/** Where a product goes: its first number, and the distance of its rows. */
export interface Target {
  readonly values: Float64Array;
  readonly at: number;
  readonly stride: number;
}

/** `target[i, j] += <row i of a, row j of b>`. */
export interface Job {
  readonly a: DenseMatrix;
  readonly b: DenseMatrix;
  readonly target: Target;
  /** Whether tiles below the diagonal are left out. */
  readonly upper: boolean;
}

/** The number of blocks of a job. */
export const blocksOf = ({ a, b }: Job, side: number): number => Math.ceil(a.rows / side) * Math.ceil(b.rows / side);

/**
 * Computes a block of a job.
 *
 * One thread computes a block whole, in the order of the columns. So the bits depend neither on the
 * number of threads nor on who takes which block. Tiles of `a` that are all zero cost nothing.
 *
 * Threads run it too: it uses nothing but its arguments.
 */
export function addBlock({ a, b, target, upper }: Job, tiles: Tiles, block: number): void {
  const { depth, tile, side, left, right, sums } = tiles;
  const across = Math.ceil(b.rows / side);
  const top = Math.floor(block / across) * side;
  const start = (block % across) * side;
  const rows = Math.min(side, a.rows - top);
  const columns = Math.min(side, b.rows - start);
  if (upper && top >= start + columns) return;
  const at = target.at + top * target.stride + start;
  for (let i = 0, from = at; i < rows; i++, from += target.stride)
    sums.set(target.values.subarray(from, from + columns), i * side);
  for (let k = 0; k < a.columns; k += depth) {
    const width = Math.min(depth, a.columns - k);
    if (width < depth) {
      left.fill(0, 0, rows * depth);
      right.fill(0, 0, columns * depth);
    }
    for (let i = 0, from = top * a.columns + k; i < rows; i++, from += a.columns)
      left.set(a.values.subarray(from, from + width), i * depth);
    for (let j = 0, from = start * b.columns + k; j < columns; j++, from += b.columns)
      right.set(b.values.subarray(from, from + width), j * depth);
    tiles.interleave(Math.ceil(columns / tile));
    for (let i = 0; i < rows; i += tile) {
      let zeros = i * depth;
      while (zeros < (i + tile) * depth && left[zeros] === 0) zeros++;
      if (zeros === (i + tile) * depth) continue;
      const first = upper ? Math.max(0, (top + i - start) / tile) : 0;
      tiles.products(i / tile, first, Math.ceil(columns / tile));
    }
  }
  for (let i = 0, to = at; i < rows; i++, to += target.stride)
    target.values.set(sums.subarray(i * side, i * side + columns), to);
}
