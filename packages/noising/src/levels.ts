/** Entries of ladder tables by level: one level for a whole batch, or one per example. */
import * as tf from "@tensorflow/tfjs-core";
import { assertInRange, assertInteger, assertShape, fail } from "@ergodic/tensor";

/** A level: a number for the whole batch, or int32 `[batch]` with one level per example. */
export type NoiseLevel = number | tf.Tensor1D;

/**
 * Checks that a level is in 0 .. `count` - 1. Values of tensors are not read.
 *
 * @throws ValidationError
 */
export function assertLevel(name: string, level: NoiseLevel, count: number, batch: number): void {
  if (typeof level === "number") {
    assertInteger({ [name]: level });
    assertInRange({ [name]: level }, { min: 0, max: count - 1 });
    return;
  }
  assertShape(name, level, [batch], "levels are one for each example");
  if (level.dtype !== "int32") fail(`${name} is ${level.dtype}`, "int32", 'cast it: tf.cast(level, "int32")');
}

/**
 * `table[level]`, shaped to broadcast over examples `[batch, ...]` of rank `rank`.
 *
 * A number for one level, `[batch, 1, ..., 1]` for one level per example.
 */
export function atLevel(table: Float64Array, level: NoiseLevel, rank: number): number | tf.Tensor {
  if (typeof level === "number") return table[level]!;
  const ones = Array.from({ length: rank - 1 }, () => 1);
  return tf.reshape(tf.gather(tf.tensor1d(Float32Array.from(table)), level), [level.shape[0], ...ones]);
}
