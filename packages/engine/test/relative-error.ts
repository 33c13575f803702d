import type * as tf from "@tensorflow/tfjs-core";
import { expect } from "vitest";

/**
 * The largest difference of two float tensors of one shape, relative to the largest entry of
 * `expected`.
 */
export function relativeError(actual: tf.Tensor, expected: tf.Tensor): number {
  expect(actual.shape).toEqual(expected.shape);
  const [a, b] = [actual, expected].map((tensor) => tensor.dataSync() as Float32Array) as [Float32Array, Float32Array];
  const scale = b.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1e-30);
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i]!)), 0) / scale;
}
