/**
 * Positions in float64 as two trees of float32: the position, and the remainder to be added to it.
 *
 * Together they hold 48 bits of every number. Trajectories on the host need them where directions
 * of a target differ in scale by more than a million.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { TensorTree } from "@ergodic/tensor";
import { fromNumbers, toMatrix } from "./rows.js";

export type DoublePosition<X extends TensorTree> = {
  readonly position: X;
  /** A tree like the position. Without it the position is exact. */
  readonly remainder?: X;
};

function numbersOf(position: TensorTree): Float32Array {
  const rows = tf.tidy(() => toMatrix(position));
  const values = rows.dataSync<"float32">().slice();
  rows.dispose();
  return values;
}

/** The numbers of positions, `[chains, size]`. */
export function doubleRows({ position, remainder }: DoublePosition<TensorTree>): Float64Array {
  const rows = Float64Array.from(numbersOf(position));
  if (remainder === undefined) return rows;
  const rest = numbersOf(remainder);
  for (let i = 0; i < rows.length; i++) rows[i]! += rest[i]!;
  return rows;
}

/** Undoes {@link doubleRows}, for numbers that are {@link held}. */
export function doublePosition<X extends TensorTree>(
  rows: Float64Array,
  chains: number,
  like: X,
): Required<DoublePosition<X>> {
  const tensors = (values: Float32Array): X => fromNumbers(values, [chains], like);
  const position = Float32Array.from(rows);
  const remainder = new Float32Array(rows.length);
  for (let i = 0; i < rows.length; i++) remainder[i] = rows[i]! - position[i]!;
  return { position: tensors(position), remainder: tensors(remainder) };
}

/** The sum of two numbers of float32 that is nearest to x. */
export const held = (x: number): number => Math.fround(x) + Math.fround(x - Math.fround(x));
