/**
 * Symbols by the geometry of latents: k-means of whitened posterior means.
 *
 * The clusters of an update are those of the inference network at the last clustering, so an example
 * keeps its symbol until the next one. Yu et al., arXiv 2206.05895, and its released code.
 */
import { kMeans, principalComponents, project } from "@ergodic/evaluation/clusters";
import { assignment } from "@ergodic/linear-algebra";
import { random, type TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";

/** What gives an example its symbol. */
export type Clusters<I extends TensorTree> = {
  /** The parameters of the inference network at the last clustering. */
  readonly inference: I;
  /** `[d]`. */
  readonly mean: tf.Tensor;
  /** Principal directions over the standard deviations along them, `[d, components]`. */
  readonly whitening: tf.Tensor;
  /** `[symbols, components]`. */
  readonly centroids: tf.Tensor;
};

/** Norms below this count as this. */
const tiny = 1e-12;

/** The rows that are clustered, `[batch, components]`, of posterior means `[batch, d]`. */
export function clusterRows(
  means: tf.Tensor,
  { mean, whitening }: Pick<Clusters<TensorTree>, "mean" | "whitening">,
  unit: boolean,
): tf.Tensor {
  const white = tf.matMul(tf.sub(means, mean), whitening);
  return unit ? tf.div(white, tf.maximum(tf.norm(white, 2, 1, true), tiny)) : white;
}

/** The nearest centroid of each row, int32 `[batch]`. */
export function nearestCentroid(rows: tf.Tensor, centroids: tf.Tensor): tf.Tensor1D {
  const products = tf.matMul(rows, centroids, false, true);
  const squares = tf.sum(tf.square(centroids), 1);
  return tf.argMin(tf.sub(squares, tf.mul(2, products)), 1) as tf.Tensor1D;
}

export interface ClusteringSettings {
  /** d, the length of a row. */
  readonly dimension: number;
  readonly symbols: number;
  readonly components: number;
  readonly unit: boolean;
  readonly restarts: number;
}

/** Numbers of {@link Clusters}, row-major. */
export interface HostClusters {
  readonly mean: Float64Array;
  readonly whitening: Float64Array;
  readonly centroids: Float64Array;
  /** The symbol of each row. */
  readonly labels: Int32Array;
}

/**
 * Clusters posterior means `[n, d]`. Clusters are numbered so that as many rows as possible keep the
 * symbol they had.
 *
 * Starts of k-means have a fixed key.
 *
 * @param before the symbol each row had, from 0 to symbols - 1
 * @throws ValidationError for means that are all equal, and as `kMeans`
 */
export function clustered(
  means: Float32Array,
  before: ArrayLike<number>,
  { dimension, symbols, components, unit, restarts }: ClusteringSettings,
): HostClusters {
  const space = principalComponents(means, { dimensions: dimension, components });
  const deviations = space.variances.map((variance) => Math.sqrt(Math.max(variance, tiny)));
  const rows = project(space, means).map((value, i) => value / deviations[i % components]!);
  if (unit) shortened(rows, components);
  const found = kMeans(rows, { dimensions: components, clusters: symbols, key: random.key("clusters"), restarts });
  const numbers = matched(found.labels, before, symbols);
  const centroids = new Float64Array(symbols * components);
  numbers.forEach((number, c) =>
    centroids.set(found.centroids.subarray(c * components, (c + 1) * components), number * components),
  );
  const whitening = new Float64Array(dimension * components);
  for (let j = 0; j < dimension; j++)
    for (let c = 0; c < components; c++)
      whitening[j * components + c] = space.directions[c * dimension + j]! / deviations[c]!;
  return { mean: space.mean, whitening, centroids, labels: found.labels.map((label) => numbers[label]!) };
}

/** Divides rows by their norms, in place. */
function shortened(rows: Float64Array, length: number): void {
  for (let at = 0; at < rows.length; at += length) {
    const row = rows.subarray(at, at + length);
    const norm = Math.max(Math.hypot(...row), tiny);
    row.forEach((value, k) => (row[k] = value / norm));
  }
}

/** The number of each cluster that makes most labels equal those before. */
export function matched(labels: ArrayLike<number>, before: ArrayLike<number>, symbols: number): Int32Array {
  const cost = new Float64Array(symbols * symbols);
  for (let i = 0; i < labels.length; i++) cost[labels[i]! * symbols + before[i]!]!--;
  return assignment({ rows: symbols, columns: symbols, values: cost });
}
