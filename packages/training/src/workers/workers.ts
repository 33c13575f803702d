/** The workers that train one model together, each in its own process. */
import * as tf from "@tensorflow/tfjs-core";
import { allMean, compile, currentCluster } from "@ergodic/engine";

export interface Workers {
  readonly count: number;
  /** Index of this process. Worker 0 leads: it writes the run folder. */
  readonly index: number;
  /**
   * A row of numbers of every worker, in the order of the workers. All must call it with rows of
   * the same length. Whole numbers below 2^16 arrive exactly, others in float32.
   *
   * @param patience seconds to wait for the others. Default: those of the cluster.
   */
  gather(row: readonly number[], patience?: number): Promise<number[][]>;
}

/** Waits until every worker is here, however long it takes. */
export const meet = (workers: Workers): Promise<unknown> => workers.gather([0], Infinity);

/** A process that trains alone. */
const alone: Workers = { count: 1, index: 0, gather: (row) => Promise.resolve([[...row]]) };

/** The workers of the cluster that this process has joined, or this process alone. */
export function currentWorkers(): Workers {
  const cluster = currentCluster();
  if (cluster === undefined || cluster.workers.length === 1) return alone;
  const { workers, task } = cluster;
  const count = workers.length;
  const mean = compile((rows: tf.Tensor, patience: number) => allMean(rows, patience < 0 ? {} : { patience }));
  return {
    count,
    index: task,
    async gather(row, patience = -1) {
      // The mean of rows of which each worker has only its own.
      const values = new Float32Array(count * row.length);
      values.set(row, task * row.length);
      const own = tf.tensor(values, [count, row.length]);
      const means = await mean(own, patience);
      const all = await means.data<"float32">();
      tf.dispose([own, means]);
      return Array.from({ length: count }, (_, k) =>
        Array.from(all.subarray(k * row.length, (k + 1) * row.length), (value) => Math.fround(count * value)),
      );
    },
  };
}
