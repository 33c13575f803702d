/** Normal variates that a program draws itself, where it reads them. */
import { fillNormals, type Words } from "@ergodic/tensor";
import type { TypedArray } from "./graph.js";

/** `count` of the N(mean, sd²) variates of a key, from number `start` on. */
export interface NormalRange {
  readonly key: Words;
  readonly start: number;
  readonly count: number;
  readonly mean: number;
  readonly sd: number;
}

/** Numbers in an array, or to be drawn. */
export type Numbers = TypedArray | NormalRange;

export const isRange = (numbers: object): numbers is NormalRange => "sd" in numbers;

/** Numbers in an array: in a new one if they are drawn. */
export const inArray = (numbers: Numbers): TypedArray =>
  isRange(numbers) ? putNumbers([numbers], new Float32Array(numbers.count)) : numbers;

/** Writes numbers to an array, one behind the other. */
export function putNumbers(pieces: readonly Numbers[], into: TypedArray): TypedArray {
  let at = 0;
  for (const piece of pieces) {
    if (isRange(piece)) {
      const { key, start, count, mean, sd } = piece;
      fillNormals(key, into.subarray(at, at + count) as Float32Array, mean, sd, start);
      at += count;
    } else {
      into.set(piece, at);
      at += piece.length;
    }
  }
  return into;
}
