/** Distributions over the plane: samples by key, and data sets of a fixed size. */
import { assertFitsMemory, assertNonNegativeInteger, assertPositiveInteger, random, type Key } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { indexedArrays, type ExampleArray } from "../array-dataset.js";
import type { IndexedDataset, IndexedSource } from "../dataset.js";
import type { Labels } from "../labels.js";

/** `points` [batch, 2] float32. */
export type PointBatch = { points: tf.Tensor2D };

/** The same with `labels` [batch] int32: the component, moon or blade of each point. */
export type LabelledPointBatch = PointBatch & { labels: tf.Tensor1D };

export interface PointDataset<B extends PointBatch = PointBatch> extends IndexedDataset<B> {
  /** All points in order, row-major [size, 2]. */
  all(): { readonly points: Float32Array<ArrayBuffer>; readonly shape: readonly [number, 2] };
}

export type PointSourceOptions = {
  /** The number of points of the data set. Default 10,000. */
  readonly size?: number;
  /** The seed of the points. The same seed gives the same data set. Default 0. */
  readonly seed?: number | bigint | string;
};

/** A distribution over the plane. */
export interface PointDistribution<B extends PointBatch = PointBatch> {
  readonly name: string;
  /** `n` independent points [n, 2]. */
  sample(key: Key, n: number): tf.Tensor2D;
  /** The same points as an array, row-major [n, 2]. */
  sampleArray(key: Key, n: number): Float32Array<ArrayBuffer>;
  /** A data set of `size` points drawn once. */
  source(options?: PointSourceOptions): IndexedSource<B, PointDataset<B>>;
}

/** A distribution whose density is known. */
export interface PointDensity<B extends PointBatch = PointBatch> extends PointDistribution<B> {
  /** log p(x) of points [n, 2], as [n]; normalised, differentiable where it is finite. */
  logDensity(points: tf.Tensor2D): tf.Tensor1D;
}

/** Writes `n` points into an array, and returns what is known of each. */
type Fill<Known> = (key: Key, n: number, out: Float32Array) => Known;

/** Completes a distribution from its name and the function that draws its points. */
export function pointDistribution(name: string, fill: Fill<void>): PointDistribution {
  return { ...named(name, fill), source: sourceOf((key, n) => pointDataset(name, drawn(fill, key, n).points)) };
}

/**
 * Completes a distribution of several parts. The function that draws points returns the part of
 * each.
 */
export function labelledPointDistribution(name: string, fill: Fill<Int32Array>): PointDistribution<LabelledPointBatch> {
  return {
    ...named(name, fill),
    source: sourceOf((key, n) => {
      const { points, known } = drawn(fill, key, n);
      return pointDataset(name, points, known);
    }),
  };
}

function drawn<Known>(fill: Fill<Known>, key: Key, n: number) {
  assertNonNegativeInteger({ n });
  assertFitsMemory(`${n} points`, [n, 2]);
  const points = new Float32Array(2 * n);
  return { points, known: fill(key, n, points) };
}

function named(name: string, fill: Fill<unknown>): Pick<PointDistribution, "name" | "sample" | "sampleArray"> {
  const sampleArray = (key: Key, n: number): Float32Array<ArrayBuffer> => drawn(fill, key, n).points;
  return { name, sampleArray, sample: (key, n) => tf.tensor2d(sampleArray(key, n), [n, 2], "float32") };
}

function sourceOf<D>(draw: (key: Key, n: number) => D) {
  return ({ size = 10_000, seed = 0 }: PointSourceOptions = {}): { load(): Promise<D> } => {
    assertPositiveInteger({ size });
    const key = random.key(seed);
    return { load: () => Promise.resolve(draw(key, size)) };
  };
}

/** A data set of given points, row-major [size, 2], with labels if they are given. */
export function pointDataset(
  name: string,
  points: Float32Array<ArrayBuffer>,
  labels: Labels,
): PointDataset<LabelledPointBatch>;
export function pointDataset(name: string, points: Float32Array<ArrayBuffer>): PointDataset;
export function pointDataset(name: string, points: Float32Array<ArrayBuffer>, labels?: Labels): PointDataset {
  const size = points.length / 2;
  assertPositiveInteger({ "number of points": size });
  const description = `${name}: ${size.toLocaleString("en")} points in the plane`;
  const arrays: Record<string, ExampleArray> = { points: { values: points, shape: [size, 2] } };
  if (labels !== undefined) arrays["labels"] = { values: labels, shape: [labels.length] };
  return {
    ...(indexedArrays(description, arrays) as IndexedDataset<PointBatch>),
    all: () => ({ points: points.slice(), shape: [size, 2] }),
  };
}
