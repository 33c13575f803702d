/**
 * What a data set is to the rest of the house: something that loads, has a size, and gives the batch of any iteration.
 *
 * Batches are a function of the iteration's number and a key, not a running iterator, so a run that is resumed at iteration k
 * sees the batch it would have seen without the stop.
 */
import type { Key } from "@ergodic/tensor";

/** The batches of a training run. */
export interface Batches<B> {
  /** Batches in one pass over the data; the last one may be smaller. */
  readonly perEpoch: number;
  /** The batch of an iteration, counted from 0; fresh tensors that the caller owns. Costs the same for every iteration. */
  at(iteration: number): B;
}

export type BatchOptions = {
  /** Examples per batch, 1 .. size. */
  readonly batchSize: number;
  /** Decides the order: epoch e runs through the permutation of `random.fold(key, e)`. */
  readonly key: Key;
};

/** A finite set of examples. */
export interface Dataset<B> {
  /** One line for people: what this is and how much of it. */
  readonly description: string;
  /** The number of examples. */
  readonly size: number;
  /** The batch of the examples with these numbers, in this order; fresh tensors that the caller owns. */
  take(indices: Int32Array): B;
  batches(options: BatchOptions): Batches<B>;
}

/** A data set that has not been read yet. Making a source checks its options and touches no file. */
export interface DataSource<B, D extends Dataset<B> = Dataset<B>> {
  load(): Promise<D>;
}
