/**
 * k-means clustering on the host, in float64.
 *
 * Source: S. Lloyd, "Least Squares Quantization in PCM" (1982).
 */
import type { NumberArray } from "@ergodic/linear-algebra";
import { assertCount, assertPositiveInteger, fail, random, type Key } from "@ergodic/tensor";
import { rowCount } from "./numbers.js";

export interface KMeansOptions {
  /** Length of one row. */
  readonly dimensions: number;
  /** k, the number of clusters. */
  readonly clusters: number;
  /** Chooses the rows where centroids start. */
  readonly key: Key;
  /** Rounds of assignment and averaging. Default 20; fewer if no row changes its cluster. */
  readonly iterations?: number;
  /** Independent starts, of which the one with the least inertia is kept. Default 8. */
  readonly restarts?: number;
}

export interface KMeans {
  /** `[clusters, dimensions]`, row-major. */
  readonly centroids: Float64Array;
  /** The cluster of each row, `[n]`: that of the nearest centroid. */
  readonly labels: Int32Array;
  /** The sum of squared distances of rows to their centroids. */
  readonly inertia: number;
}

/**
 * Clusters rows `[n, dimensions]`. Centroids start at random rows. A centroid without rows moves to
 * the row that is farthest from its own.
 *
 * @throws ValidationError for incomplete rows, or fewer rows than clusters
 */
export function kMeans(rows: NumberArray, options: KMeansOptions): KMeans {
  const { dimensions, clusters, key, iterations = 20, restarts = 8 } = options;
  assertPositiveInteger({ clusters, iterations });
  assertCount({ restarts }, 1_000);
  const n = rowCount("the rows to cluster", rows, dimensions, 1);
  if (n < clusters) fail(`there are ${n} rows`, `at least ${clusters}, one for each cluster`);
  const runs = random.split(key, restarts).map((runKey) => {
    const starts = random.host.permutation(runKey, n).subarray(0, clusters);
    const centroids = new Float64Array(clusters * dimensions);
    starts.forEach((row, c) => {
      for (let k = 0; k < dimensions; k++) centroids[c * dimensions + k] = rows[row * dimensions + k]!;
    });
    return settled({ rows, n, dimensions, clusters }, centroids, iterations);
  });
  return runs.reduce((best, run) => (run.inertia < best.inertia ? run : best));
}

interface Rows {
  readonly rows: NumberArray;
  readonly n: number;
  readonly dimensions: number;
  readonly clusters: number;
}

function settled(data: Rows, start: Float64Array, iterations: number): KMeans {
  let centroids = start;
  let assigned = nearest(data, centroids);
  for (let i = 0; i < iterations; i++) {
    centroids = means(data, assigned);
    const next = nearest(data, centroids);
    const still = next.labels.every((label, row) => label === assigned.labels[row]);
    assigned = next;
    if (still) break;
  }
  const { labels, distances } = assigned;
  return { centroids, labels, inertia: distances.reduce((sum, distance) => sum + distance, 0) };
}

interface Assigned {
  readonly labels: Int32Array;
  /** Squared, of each row to its centroid. */
  readonly distances: Float64Array;
}

function nearest({ rows, n, dimensions, clusters }: Rows, centroids: Float64Array): Assigned {
  const labels = new Int32Array(n);
  const distances = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let least = Infinity;
    for (let c = 0; c < clusters; c++) {
      let squared = 0;
      for (let k = 0; k < dimensions; k++) squared += (rows[i * dimensions + k]! - centroids[c * dimensions + k]!) ** 2;
      if (squared < least) [least, labels[i]] = [squared, c];
    }
    distances[i] = least;
  }
  return { labels, distances };
}

function means({ rows, n, dimensions, clusters }: Rows, { labels, distances }: Assigned): Float64Array {
  const centroids = new Float64Array(clusters * dimensions);
  const counts = new Int32Array(clusters);
  for (let i = 0; i < n; i++) {
    const c = labels[i]!;
    counts[c]!++;
    for (let k = 0; k < dimensions; k++) centroids[c * dimensions + k]! += rows[i * dimensions + k]!;
  }
  const left = distances.slice();
  counts.forEach((count, c) => {
    if (count > 0) {
      for (let k = 0; k < dimensions; k++) centroids[c * dimensions + k]! /= count;
      return;
    }
    const far = left.reduce((best, distance, i) => (distance > left[best]! ? i : best), 0);
    left[far] = 0;
    for (let k = 0; k < dimensions; k++) centroids[c * dimensions + k] = rows[far * dimensions + k]!;
  });
  return centroids;
}
