import type { NumberValues } from "@ergodic/data";

/** An array inside a weights file: numbers, and how they are laid out. */
export interface StoredTensor {
  readonly shape: readonly number[];
  /** Distance in `values` between neighbours along each axis. Weights files do hold transposed arrays. */
  readonly strides: readonly number[];
  /** Where the first number stands. */
  readonly offset: number;
  readonly values: NumberValues;
}

/** Strides of a row-major array. */
export function rowMajor(shape: readonly number[]): number[] {
  const strides = shape.map(() => 1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  return strides;
}
