/** The share of a worker in the batches of a run. */
import * as tf from "@tensorflow/tfjs-core";
import { fail, tree, type Batches, type TensorTree } from "@ergodic/tensor";
import { disposeTensors } from "../dispose.js";

export interface Share {
  readonly index: number;
  readonly count: number;
}

/**
 * Each worker's part of every batch: rows `index b/n` to `(index + 1) b/n` of b rows. The rest of a
 * last batch that n does not divide is left out, so that all parts count the same.
 */
export function sharedBatches<Batch>(batches: Batches<Batch>, share: Share): Batches<Batch> {
  if (share.count === 1) return batches;
  return {
    perEpoch: batches.perEpoch,
    at(iteration) {
      const batch = batches.at(iteration);
      try {
        return rowsOf(batch as TensorTree, share) as Batch;
      } finally {
        disposeTensors(batch);
      }
    },
  };
}

function rowsOf(batch: TensorTree, { index, count }: Share): TensorTree {
  const [rows = 0, ...others] = [...new Set(tree.leaves(batch).map(({ shape }) => shape[0]))];
  if (others.length > 0)
    fail(
      `the tensors of a batch have ${[rows, ...others].join(" and ")} rows`,
      "the same first axis in all, the examples",
      "a batch is shared among workers by its rows",
    );
  const size = Math.max(1, Math.floor(rows / count));
  const from = (index * size) % rows;
  return tree.map(
    (leaf) => tf.slice(leaf, [from, ...leaf.shape.slice(1).map(() => 0)], [size, ...leaf.shape.slice(1)]),
    batch,
  );
}

/** @throws ValidationError for batches that the workers cannot share evenly */
export function shareOfBatchSize(batchSize: number, { count }: Pick<Share, "count">): number {
  if (batchSize % count !== 0)
    fail(
      `training.batchSize is ${batchSize} for ${count} workers`,
      `a multiple of ${count}`,
      `each worker sees an equal share, so set it to ${Math.ceil(batchSize / count) * count}`,
    );
  return batchSize / count;
}
