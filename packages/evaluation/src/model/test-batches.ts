/** Test examples in batches. */
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import type { Dataset } from "@ergodic/training";
import { allPieces, type Arrays, type Pieces } from "../pieces.js";
import type { OnProgress } from "../progress.js";

export interface TestBatches {
  /** Maximum number of examples. */
  readonly n: number;
  readonly key: Key;
  /** What is done to the examples, for progress. */
  readonly what: string;
  readonly onProgress?: OnProgress | undefined;
  /** Default: all. */
  readonly pieces?: Pieces | undefined;
}

/** Examples in one compiled call. Every chunk has this size, so one program serves all. */
export const chunk = 500;

/** The number of examples that {@link overTestBatches} uses. */
export const usedExamples = (data: Dataset<unknown>, n: number): number => Math.min(n, data.size);

/**
 * Calls `score` with batches in random order until `n` examples, or all, are seen. Each call has
 * its own key. The batches are disposed. The last batch may hold more examples than are to be used.
 */
export async function* overTestBatches<A extends Arrays>(
  data: Dataset<unknown>,
  { n, key, what, onProgress, pieces = allPieces }: TestBatches,
  score: (batch: unknown, key: Key) => Promise<A>,
): AsyncGenerator<A> {
  const size = usedExamples(data, n);
  const batchSize = Math.min(chunk, size);
  const [order, chains] = random.split(key, 2) as [Key, Key];
  const batches = data.batches({ batchSize, key: order });
  yield* pieces.results({
    name: what,
    count: Math.ceil(size / batchSize),
    async compute(i) {
      onProgress?.({ what, done: i * batchSize, of: size });
      const batch = batches.at(i);
      try {
        return await score(batch, random.fold(chains, i));
      } finally {
        tree.dispose(batch as TensorTree);
      }
    },
  });
}
