/**
 * Masses on the host. With M⁻¹ = S Sᵀ and p = S⁻ᵀq momenta are q ~ N(0, I): a position moves by S
 * q, and q by Sᵀ∇E. Products of momenta with velocities are then plain products.
 */
import type * as tf from "@tensorflow/tfjs-core";
import { lowerInverse } from "@ergodic/linear-algebra";
import { tree, type TensorTree } from "@ergodic/tensor";
import { isDense } from "../mass.js";

/** Products with S and its transpose. */
interface Products {
  /** y += factor S q. */
  stretch(scale: Float64Array, q: Float64Array, y: Float64Array, factor: number): void;
  /** w = factor Sᵀ g. */
  pull(scale: Float64Array, g: Float64Array, w: Float64Array, factor: number): void;
}

/** S of one chain: a diagonal `[d]`, or a lower triangle `[d, d]`, row by row. */
export interface HostMetric extends Products {
  readonly scale: Float64Array;
}

const diagonal: Products = {
  stretch(scale, q, y, factor) {
    for (let i = 0; i < q.length; i++) y[i]! += factor * (scale[i]! * q[i]!);
  },
  pull(scale, g, w, factor) {
    for (let i = 0; i < g.length; i++) w[i] = factor * (scale[i]! * g[i]!);
  },
};

const triangular: Products = {
  stretch(scale, q, y, factor) {
    const d = q.length;
    for (let i = 0; i < d; i++) {
      let sum = 0;
      for (let j = 0, at = i * d; j <= i; j++, at++) sum += scale[at]! * q[j]!;
      y[i]! += factor * sum;
    }
  },
  pull(scale, g, w, factor) {
    const d = g.length;
    for (let j = 0; j < d; j++) {
      let sum = 0;
      for (let i = j, at = j * d + j; i < d; i++, at += d) sum += scale[at]! * g[i]!;
      w[j] = factor * sum;
    }
  },
};

/** Triangles of at most so many rows have code of their own. */
const mostUnrolled = 32;
const unrolled = new Map<number, Products>();

/** Straight-line code for triangles of d rows: a third of the time of loops, and the same numbers. */
function straight(d: number): Products {
  const known = unrolled.get(d);
  if (known !== undefined) return known;
  const rows = [...Array(d).keys()];
  const product = (list: readonly number[], at: (i: number) => number): string =>
    list.map((i) => `s[${at(i)}] * x${i}`).join(" + ");
  const locals = rows.map((i) => `const x${i} = x[${i}];`);
  const made = (lines: readonly string[]) =>
    new Function("s", "x", "y", "f", [...locals, ...lines].join("\n")) as Products["stretch"];
  const products = {
    stretch: made(rows.map((i) => `y[${i}] += f * (${product(rows.slice(0, i + 1), (j) => i * d + j)});`)),
    pull: made(rows.map((j) => `y[${j}] = f * (${product(rows.slice(j), (i) => i * d + j)});`)),
  };
  unrolled.set(d, products);
  return products;
}

const dense = (factor: readonly (readonly number[])[]): HostMetric => ({
  ...(factor.length > mostUnrolled ? triangular : straight(factor.length)),
  scale: Float64Array.from(factor.flat()),
});

/** Rows of d numbers of a matrix, row after row. */
const rowsOf = (values: ArrayLike<number>, d: number, from: number): number[][] =>
  Array.from({ length: d }, (_, i) => Array.from({ length: d }, (_, j) => values[from + i * d + j]!));

/** Dense metrics by the numbers that they were made of, since steps of a warm-up share masses. */
const known = new WeakMap<tf.DataId, readonly HostMetric[]>();

/** The metrics of dense masses: one, or one for each chain. */
function denseMetrics(inverseFactor: tf.Tensor, size: number): readonly HostMetric[] {
  const before = known.get(inverseFactor.dataId);
  if (before !== undefined) return before;
  const factors = inverseFactor.dataSync();
  const count = factors.length / size ** 2;
  const made = Array.from({ length: count }, (_, i) => dense(lowerInverse(rowsOf(factors, size, i * size * size))));
  known.set(inverseFactor.dataId, made);
  return made;
}

/**
 * The metric of each chain. Chains that share a mass share the metric.
 *
 * @param size d
 */
export function hostMetrics(inverse: TensorTree, chains: number, size: number): HostMetric[] {
  const shared = (metric: HostMetric): HostMetric[] => new Array<HostMetric>(chains).fill(metric);
  if (tree.leaves(inverse).length === 0) return shared({ ...diagonal, scale: new Float64Array(size).fill(1) });
  if (isDense(inverse)) {
    const metrics = denseMetrics(inverse.inverseFactor, size);
    return metrics.length === 1 ? shared(metrics[0]!) : [...metrics];
  }
  const leaves = tree.leaves(inverse).map((leaf) => leaf.dataSync());
  const total = leaves.reduce((sum, { length }) => sum + length, 0);
  const own = total === size ? 1 : chains;
  const metricAt = (chain: number): HostMetric => ({
    ...diagonal,
    scale: Float64Array.from(
      leaves.flatMap((values) => {
        const width = values.length / own;
        return Array.from(values.subarray(chain * width, (chain + 1) * width), Math.sqrt);
      }),
    ),
  });
  return own === 1 ? shared(metricAt(0)) : Array.from({ length: chains }, (_, c) => metricAt(c));
}
