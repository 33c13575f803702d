/** Distributions over the plane: sampled with a key, or frozen into a data set of a fixed size. */
import { assertNonNegativeInteger, assertPositiveInteger, random, type Key } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { shuffledBatches } from "../batching.js";
import type { Dataset, DataSource } from "../dataset.js";

/** `points` [batch, 2] float32. */
export type PointBatch = { points: tf.Tensor2D };

export interface PointDataset extends Dataset<PointBatch> {
  /** All points in order, row-major [size, 2]. */
  all(): { readonly points: Float32Array<ArrayBuffer>; readonly shape: readonly [number, 2] };
}

export type PointSourceOptions = {
  /** How many points the data set has. Default 10,000. */
  readonly size?: number;
  /** Which points: the same seed gives the same data set. Default 0. */
  readonly seed?: number | bigint | string;
};

/** A distribution over the plane. */
export interface PointDistribution {
  readonly name: string;
  /** `n` independent points [n, 2]. */
  sample(key: Key, n: number): tf.Tensor2D;
  /** The same points as an array, row-major [n, 2]. */
  sampleArray(key: Key, n: number): Float32Array<ArrayBuffer>;
  /** A data set of `size` points drawn once. */
  source(options?: PointSourceOptions): DataSource<PointBatch, PointDataset>;
}

/** A distribution whose density is known. */
export interface PointDensity extends PointDistribution {
  /** log p(x) of points [n, 2], as [n]; normalised, differentiable. */
  logDensity(points: tf.Tensor2D): tf.Tensor1D;
}

/** Completes a distribution from its name and the function that puts `n` points into an array. */
export function pointDistribution(
  name: string,
  fill: (key: Key, n: number, out: Float32Array) => void,
): PointDistribution {
  const sampleArray = (key: Key, n: number): Float32Array<ArrayBuffer> => {
    assertNonNegativeInteger({ n });
    const out = new Float32Array(2 * n);
    fill(key, n, out);
    return out;
  };
  return {
    name,
    sampleArray,
    sample: (key, n) => tf.tensor2d(sampleArray(key, n), [n, 2], "float32"),
    source({ size = 10_000, seed = 0 } = {}) {
      assertPositiveInteger({ size });
      const key = random.key(seed);
      return { load: () => Promise.resolve(pointDataset(name, sampleArray(key, size))) };
    },
  };
}

/** A data set of given points, row-major [size, 2]. */
export function pointDataset(name: string, points: Float32Array<ArrayBuffer>): PointDataset {
  const size = points.length / 2;
  assertPositiveInteger({ "number of points": size });
  return {
    description: `${name}: ${size.toLocaleString("en")} points in the plane`,
    size,
    all: () => ({ points: points.slice(), shape: [size, 2] }),
    batches: (options) =>
      shuffledBatches(size, options, (indices) => {
        const batch = new Float32Array(2 * indices.length);
        indices.forEach((index, place) => batch.set(points.subarray(2 * index, 2 * index + 2), 2 * place));
        return { points: tf.tensor2d(batch, [indices.length, 2], "float32") };
      }),
  };
}
