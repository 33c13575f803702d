/**
 * Masses on the host. With M⁻¹ = S Sᵀ and p = S⁻ᵀq momenta are q ~ N(0, I): a position moves by S
 * q, and q by Sᵀ∇E. Products of momenta with velocities are then plain products.
 */
import { lowerInverse } from "@ergodic/linear-algebra";
import { tree, type TensorTree } from "@ergodic/tensor";
import { isDense } from "../mass.js";

/** S of one chain: a diagonal `[d]`, or a lower triangle `[d, d]`, row by row. */
export interface HostMetric {
  readonly dense: boolean;
  readonly scale: Float64Array;
}

/** y = S q. */
export function stretch({ dense, scale }: HostMetric, q: Float64Array, y: Float64Array): void {
  const d = q.length;
  if (!dense) {
    for (let i = 0; i < d; i++) y[i] = scale[i]! * q[i]!;
    return;
  }
  for (let i = 0; i < d; i++) {
    let sum = 0;
    for (let j = 0, at = i * d; j <= i; j++) sum += scale[at + j]! * q[j]!;
    y[i] = sum;
  }
}

/** w = factor Sᵀ g. */
export function pull({ dense, scale }: HostMetric, g: Float64Array, w: Float64Array, factor: number): void {
  const d = g.length;
  if (!dense) {
    for (let i = 0; i < d; i++) w[i] = factor * scale[i]! * g[i]!;
    return;
  }
  for (let j = 0; j < d; j++) {
    let sum = 0;
    for (let i = j; i < d; i++) sum += scale[i * d + j]! * g[i]!;
    w[j] = factor * sum;
  }
}

/** Rows of d numbers of a matrix, row after row. */
const rowsOf = (values: ArrayLike<number>, d: number, from: number): number[][] =>
  Array.from({ length: d }, (_, i) => Array.from({ length: d }, (_, j) => values[from + i * d + j]!));

/**
 * The metric of each chain. Chains that share a mass share the metric.
 *
 * @param size d
 */
export function hostMetrics(inverse: TensorTree, chains: number, size: number): HostMetric[] {
  const shared = (metric: HostMetric): HostMetric[] => new Array<HostMetric>(chains).fill(metric);
  if (tree.leaves(inverse).length === 0) return shared({ dense: false, scale: new Float64Array(size).fill(1) });
  if (isDense(inverse)) {
    const factors = inverse.inverseFactor.dataSync();
    const metricAt = (chain: number): HostMetric => {
      const factor = lowerInverse(rowsOf(factors, size, chain * size * size));
      return { dense: true, scale: Float64Array.from(factor.flat()) };
    };
    return inverse.inverseFactor.rank === 2
      ? shared(metricAt(0))
      : Array.from({ length: chains }, (_, c) => metricAt(c));
  }
  const leaves = tree.leaves(inverse).map((leaf) => leaf.dataSync());
  const total = leaves.reduce((sum, { length }) => sum + length, 0);
  const own = total === size ? 1 : chains;
  const metricAt = (chain: number): HostMetric => ({
    dense: false,
    scale: Float64Array.from(
      leaves.flatMap((values) => {
        const width = values.length / own;
        return Array.from(values.subarray(chain * width, (chain + 1) * width), Math.sqrt);
      }),
    ),
  });
  return own === 1 ? shared(metricAt(0)) : Array.from({ length: chains }, (_, c) => metricAt(c));
}
