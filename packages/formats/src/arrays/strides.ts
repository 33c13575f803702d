/** Arrays whose axes have another order than row-major. */
import type { NumberValues } from "./number-type.js";

/** The places of the numbers of an array in a flat list. */
export interface Strided {
  readonly shape: readonly number[];
  /** Distance between neighbours along each axis. */
  readonly strides: readonly number[];
  /** The place of the first number. Default 0. */
  readonly offset?: number;
}

/** Strides of a row-major array: the last axis varies fastest. */
export const rowStrides = (shape: readonly number[]): number[] =>
  shape.map((_, axis) => shape.slice(axis + 1).reduce((product, side) => product * side, 1));

/** Strides of a column-major array: the first axis varies fastest. */
export const columnStrides = (shape: readonly number[]): number[] =>
  shape.map((_, axis) => shape.slice(0, axis).reduce((product, side) => product * side, 1));

/**
 * Copies the numbers into `out`, row-major, and returns it. `out` has one place for each number.
 */
export function copyStrided<Out extends NumberValues>(
  values: NumberValues,
  { shape, strides, offset = 0 }: Strided,
  out: Out,
): Out {
  const index = shape.map(() => 0);
  let from = offset;
  for (let at = 0; at < out.length; at++) {
    out[at] = values[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= index[axis]! * strides[axis]!;
      index[axis] = 0;
    }
  }
  return out;
}

/** Converts column-major numbers to row-major ones. */
export const inRowOrder = <V extends NumberValues>(values: V, shape: readonly number[]): V =>
  copyStrided(values, { shape, strides: columnStrides(shape) }, values.slice() as V);
