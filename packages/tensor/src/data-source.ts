/**
 * The contract of a data set for training: it loads, has a size, and gives the batch of any
 * iteration.
 *
 * Batches are a function of the iteration's number and a key, not a running iterator. A run that is
 * resumed at iteration k therefore sees the same batch as an uninterrupted run.
 */
import type { Key } from "./key.js";

/** The batches of a training run. */
export interface Batches<Batch> {
  /** Batches in one pass over the data. The last one may be smaller. */
  readonly perEpoch: number;
  /**
   * The batch of an iteration, counted from 0, as fresh tensors that the caller owns. It is the
   * same in every process, and costs the same for every iteration.
   */
  at(iteration: number): Batch;
}

export type BatchOptions = {
  /** Examples per batch, 1 .. size. */
  readonly batchSize: number;
  /** Decides the order: epoch e runs through the permutation of `random.fold(key, e)`. */
  readonly key: Key;
};

/** A finite set of examples. */
export interface Dataset<Batch> {
  /** One line for people: content and amount. */
  readonly description: string;
  /** The number of examples. */
  readonly size: number;
  batches(options: BatchOptions): Batches<Batch>;
}

/** A data set that has not been read yet. Making a source checks its options and opens no file. */
export interface DataSource<Batch = unknown, Data extends Dataset<Batch> = Dataset<Batch>> {
  load(): Promise<Data>;
}
