/** Data sets whose examples can be taken by number, as all data sets of this package. */
import type { Dataset, DataSource } from "@ergodic/tensor";

/** A data set that gives any of its examples. */
export interface IndexedDataset<Batch> extends Dataset<Batch> {
  /** The batch of the examples with these numbers, in this order. The caller owns its tensors. */
  take(indices: Int32Array): Batch;
}

/** The source of an indexed data set. */
export type IndexedSource<Batch, Data extends IndexedDataset<Batch> = IndexedDataset<Batch>> = DataSource<Batch, Data>;
