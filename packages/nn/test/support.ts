/**
 * Helpers of the tests: the engines, float64 reference convolutions as direct sums, and finite
 * differences.
 */
import * as tf from "@tensorflow/tfjs-core";
import { compile, valueAndGrad } from "@ergodic/engine";
import { random, trainedPart, tree, withTrained, type TensorTree } from "@ergodic/tensor";
import type { Layer, Learning } from "@ergodic/nn";

export const enginesOnThisMachine = ["cpu", "onnx"] as const;

export const valuesOf = (tensor: tf.Tensor): number[] => [...tensor.dataSync()];

/**
 * sin(1.7 i + shift) for the i-th number; in the goldens, torch.sin(torch.arange(n) * 1.7 +
 * shift).reshape(shape).
 */
export function wave(shift: number, ...shape: number[]): tf.Tensor {
  const size = shape.reduce((product, side) => product * side, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, (_, i) => Math.sin(1.7 * i + shift)),
    shape,
  );
}

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

/**
 * Calls `visit` for every product of a convolution between pixel (i, j) of the small image and (y,
 * x) of the large one.
 */
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

/** A convolution by its definition. x is `[batch, side, side, in]`, weight `[k, k, in, out]`. */
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

/**
 * A transposed convolution by its definition. x is `[batch, side, side, in]`, weight `[k, k, out,
 * in]`.
 */
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
 * The gradient of `f` at `x` by fourth-order central differences.
 *
 * With h = 0.05 the truncation error is 2e-7 of the fifth derivative, and float32 rounding of f
 * costs about 1e-6. A relative error of 1e-4 thus has two digits to spare.
 */
export function numericGradient(f: (x: Float32Array) => number, x: Float32Array, h = 0.05): number[] {
  const at = (i: number, shift: number): number => {
    const moved = Float32Array.from(x);
    moved[i]! += shift;
    return f(moved);
  };
  return Array.from(x, (_, i) => (8 * (at(i, h) - at(i, -h)) - (at(i, 2 * h) - at(i, -2 * h))) / (12 * h));
}

/**
 * The larger error of two gradients compared with central differences, in the trained parameters
 * and in the input.
 *
 * The first is the gradient of a loss. The second is the gradient of the sum of squares of the
 * loss's input gradient. The loss is quadratic in the output, so both depend on all values.
 */
export async function derivativeError<P extends TensorTree>(
  layer: Layer<P>,
  shape: readonly number[],
  learning?: Learning,
): Promise<number> {
  const [paramsKey, inputKey, mixKey] = random.split(random.key("derivatives"), 3);
  const params = layer.init(paramsKey!);
  const input = random.normal(inputKey!, shape);
  const mix = random.normal(mixKey!, layer.apply(params, input, learning).shape);
  type All = { readonly trained: TensorTree; readonly input: tf.Tensor };
  const loss = ({ trained, input: x }: All): tf.Tensor => {
    const y = layer.apply(withTrained(params, trained as P), x, learning);
    return tf.sum(tf.mul(mix, tf.add(y, tf.mul(0.5, tf.square(y)))));
  };
  const squares = ({ trained, input: x }: All): tf.Tensor =>
    tf.sum(tf.square(valueAndGrad((at: tf.Tensor) => loss({ trained, input: at }))(x).grad));
  const all: All = { trained: trainedPart(params) as TensorTree, input };
  const { leaves, structure } = tree.flatten(all);
  const errorOf = async (fn: (all: All) => tf.Tensor): Promise<number> => {
    const { grad } = await compile((a: All) => valueAndGrad(fn)(a))(all);
    const numeric = leaves.flatMap((leaf, n) => {
      const at = (values: Float32Array): number => {
        const moved = leaves.map((other, k) => (k === n ? tf.tensor(values, other.shape) : other));
        return tf.tidy(() => fn(tree.unflatten(structure, moved) as All).dataSync()[0]!);
      };
      return numericGradient(at, leaf.dataSync() as Float32Array, 0.02);
    });
    return relativeError(tree.leaves(grad).flatMap(valuesOf), numeric);
  };
  return Math.max(await errorOf(loss), await errorOf(squares));
}
