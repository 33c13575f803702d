/**
 * Masses on the host. With M⁻¹ = S Sᵀ and p = S⁻ᵀq momenta are q ~ N(0, I): a position moves by S
 * q, and q by Sᵀ∇E. Products of momenta with velocities are then plain products.
 */
import type * as tf from "@tensorflow/tfjs-core";
import { lowerInverse } from "@ergodic/linear-algebra";
import { tree, type TensorTree } from "@ergodic/tensor";
import { isDense } from "../mass.js";

/** The numbers of a leapfrog step: half of `step`, and `factor` = 1/T. */
export interface Stride {
  readonly step: number;
  readonly half: number;
  readonly factor: number;
}

/**
 * The two parts of a leapfrog step with S, before and after the gradient at the new position.
 *
 * Threads evaluate their source text, so they use nothing but their arguments.
 */
export interface Moves {
  /** q -= half w, then x += step S q. */
  drift(scale: Float64Array, q: Float64Array, w: Float64Array, x: Float64Array, stride: Stride): void;
  /** w = factor Sᵀ g, then q -= half w. @returns |q|² */
  kick(scale: Float64Array, g: Float64Array, w: Float64Array, q: Float64Array, stride: Stride): number;
}

/** S of one chain: a diagonal `[d]`, or a lower triangle `[d, d]`, row by row. */
export interface HostMetric extends Moves {
  readonly scale: Float64Array;
}

const diagonal: Moves = {
  drift: (scale, q, w, x, { half, step }) => {
    for (let i = 0; i < q.length; i++) {
      q[i]! -= half * w[i]!;
      x[i]! += step * (scale[i]! * q[i]!);
    }
  },
  kick: (scale, g, w, q, { factor, half }) => {
    let squares = 0;
    for (let i = 0; i < q.length; i++) {
      w[i] = factor * (scale[i]! * g[i]!);
      q[i]! -= half * w[i]!;
      squares += q[i]! * q[i]!;
    }
    return squares;
  },
};

const triangular: Moves = {
  drift: (scale, q, w, x, { half, step }) => {
    const d = q.length;
    for (let i = 0; i < d; i++) {
      q[i]! -= half * w[i]!;
      let sum = 0;
      for (let j = 0, at = i * d; j <= i; j++, at++) sum += scale[at]! * q[j]!;
      x[i]! += step * sum;
    }
  },
  kick: (scale, g, w, q, { factor, half }) => {
    const d = q.length;
    let squares = 0;
    for (let j = 0; j < d; j++) {
      let sum = 0;
      for (let i = j, at = j * d + j; i < d; i++, at += d) sum += scale[at]! * g[i]!;
      w[j] = factor * sum;
      q[j]! -= half * w[j]!;
      squares += q[j]! * q[j]!;
    }
    return squares;
  },
};

/** Triangles of at most so many rows have code of their own. */
const mostUnrolled = 32;
const unrolled = new Map<number, Moves>();

/** Straight-line code for triangles of d rows: a third of the time of loops, and the same numbers. */
function straight(d: number): Moves {
  const known = unrolled.get(d);
  if (known !== undefined) return known;
  const rows = [...Array(d).keys()];
  const product = (list: readonly number[], vector: string, at: (i: number) => number): string =>
    list.map((i) => `s[${at(i)}] * ${vector}${i}`).join(" + ");
  const drift = rows.flatMap((i) => [
    `const q${i} = q[${i}] - half * w[${i}];`,
    `q[${i}] = q${i};`,
    `x[${i}] += step * (${product(rows.slice(0, i + 1), "q", (j) => i * d + j)});`,
  ]);
  const kick = rows.flatMap((j) => [
    `const w${j} = factor * (${product(rows.slice(j), "g", (i) => i * d + j)});`,
    `const q${j} = q[${j}] - half * w${j};`,
    `w[${j}] = w${j};`,
    `q[${j}] = q${j};`,
  ]);
  const moves = {
    drift: new Function("s", "q", "w", "x", "{ half, step }", drift.join("\n")) as Moves["drift"],
    kick: new Function(
      ...["s", "g", "w", "q", "{ factor, half }"],
      [
        ...rows.map((i) => `const g${i} = g[${i}];`),
        ...kick,
        `return ${rows.map((i) => `q${i} * q${i}`).join(" + ")};`,
      ].join("\n"),
    ) as Moves["kick"],
  };
  unrolled.set(d, moves);
  return moves;
}

/** Source text of the moves of a metric. */
export const movesText = ({ drift, kick }: Moves): string => `{ drift: ${String(drift)}, kick: ${String(kick)} }`;

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
