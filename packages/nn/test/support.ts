/** Shared by the tests: the engines, plain float64 reference convolutions written as direct sums, and finite differences. */
import type * as tf from "@tensorflow/tfjs-core";

export const enginesOnThisMachine = ["cpu", "onnx"] as const;

export const valuesOf = (tensor: tf.Tensor): number[] => [...tensor.dataSync()];

/** The largest difference of two lists, relative to the largest entry of the second. */
export function relativeError(actual: readonly number[], expected: readonly number[]): number {
  if (actual.length !== expected.length) return Infinity;
  const scale = Math.max(...expected.map(Math.abs), 1e-30);
  return Math.max(...actual.map((value, i) => Math.abs(value - expected[i]!))) / scale;
}

export interface Geometry {
  readonly batch: number;
  readonly side: number;
  readonly in: number;
  readonly out: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
}

/** Calls `visit` for every product of a convolution between pixel (i, j) of the small image and (y, x) of the large one. */
function products(
  g: { kernel: number; stride: number; padding: number; small: number; large: number },
  visit: (i: number, j: number, u: number, v: number, y: number, x: number) => void,
): void {
  for (let i = 0; i < g.small; i++)
    for (let j = 0; j < g.small; j++)
      for (let u = 0; u < g.kernel; u++)
        for (let v = 0; v < g.kernel; v++) {
          const [y, x] = [i * g.stride - g.padding + u, j * g.stride - g.padding + v];
          if (y >= 0 && y < g.large && x >= 0 && x < g.large) visit(i, j, u, v, y, x);
        }
}

/** A convolution as its definition reads; x [batch, side, side, in], weight [k, k, in, out]. */
export function directConvolution(
  x: readonly number[],
  weight: readonly number[],
  bias: readonly number[],
  g: Geometry,
) {
  const side = Math.floor((g.side + 2 * g.padding - g.kernel) / g.stride) + 1;
  const result = Array.from({ length: g.batch * side * side * g.out }, (_, n) => bias[n % g.out]!);
  for (let b = 0; b < g.batch; b++)
    products({ ...g, small: side, large: g.side }, (i, j, u, v, row, column) => {
      for (let c = 0; c < g.in; c++)
        for (let o = 0; o < g.out; o++)
          result[((b * side + i) * side + j) * g.out + o]! +=
            x[((b * g.side + row) * g.side + column) * g.in + c]! *
            weight[((u * g.kernel + v) * g.in + c) * g.out + o]!;
    });
  return { side, values: result };
}

/** A transposed convolution as its definition reads; x [batch, side, side, in], weight [k, k, out, in]. */
export function directTransposed(
  x: readonly number[],
  weight: readonly number[],
  bias: readonly number[],
  g: Geometry,
) {
  const side = (g.side - 1) * g.stride - 2 * g.padding + g.kernel;
  const result = Array.from({ length: g.batch * side * side * g.out }, (_, n) => bias[n % g.out]!);
  for (let b = 0; b < g.batch; b++)
    products({ ...g, small: g.side, large: side }, (i, j, u, v, row, column) => {
      for (let c = 0; c < g.in; c++)
        for (let o = 0; o < g.out; o++)
          result[((b * side + row) * side + column) * g.out + o]! +=
            x[((b * g.side + i) * g.side + j) * g.in + c]! * weight[((u * g.kernel + v) * g.out + o) * g.in + c]!;
    });
  return { side, values: result };
}

/**
 * The gradient of `f` at `x` by fourth-order central differences. With h = 0.05 the truncation error is 2e-7 of the fifth derivative
 * and float32 rounding of f costs about 1e-6, so 1e-4 relative has two digits to spare.
 */
export function numericGradient(f: (x: Float32Array) => number, x: Float32Array, h = 0.05): number[] {
  const at = (i: number, shift: number): number => {
    const moved = Float32Array.from(x);
    moved[i]! += shift;
    return f(moved);
  };
  return Array.from(x, (_, i) => (8 * (at(i, h) - at(i, -h)) - (at(i, 2 * h) - at(i, -2 * h))) / (12 * h));
}
