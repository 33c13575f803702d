/** Test examples in batches. */
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import type { Dataset } from "@ergodic/training";
import type { OnProgress } from "../progress.js";

export interface TestBatches {
  /** Maximum number of examples. */
  readonly n: number;
  readonly key: Key;
  /** What is done to the examples, for progress. */
  readonly what: string;
  readonly onProgress?: OnProgress | undefined;
}

/** Examples in one compiled call. Every chunk has this size, so one program serves all. */
export const chunk = 500;

/**
 * Calls `score` with batches in random order until `n` examples, or all, are seen. Each call has
 * its own key. The batches are disposed.
 *
 * @param score returns the number of examples of the batch
 * @returns the number of examples to use: those of the last batch may be more
 */
export async function overTestBatches(
  data: Dataset<unknown>,
  { n, key, what, onProgress }: TestBatches,
  score: (batch: unknown, key: Key) => Promise<number>,
): Promise<number> {
  const size = Math.min(n, data.size);
  const [order, chains] = random.split(key, 2) as [Key, Key];
  const batches = data.batches({ batchSize: Math.min(chunk, size), key: order });
  let seen = 0;
  for (let i = 0; seen < size; i++) {
    onProgress?.({ what, done: seen, of: size });
    const batch = batches.at(i);
    seen += await score(batch, random.fold(chains, i));
    tree.dispose(batch as TensorTree);
  }
  return size;
}
