/** Sums of products of matrices, on as many threads as pay. */
import { addBlocks, type DenseMatrix, type Job, type Target } from "./blocks.js";
import { askForHelp, threadCount } from "./threads.js";
import { ownTiles, shape } from "./tiles.js";

/** Multiply-adds from which help pays: a millisecond or two. */
const LARGE = 2 ** 24;

/**
 * Begins `target[i, j] += <row i of a, row j of b>`. Helpers compute until the returned function is
 * called, which computes with them and returns when all is done.
 *
 * Help needs shared memory (`sharedZeros`) of all three.
 *
 * @param upper whether tiles below the diagonal are left out; they keep their contents
 */
export function beginProducts(a: DenseMatrix, b: DenseMatrix, target: Target, upper: boolean): () => void {
  const large = a.rows * b.rows * a.columns >= LARGE && threadCount() > 1;
  const shared = large && [a, b, target].every(({ values }) => !(values.buffer instanceof ArrayBuffer));
  const counts = new Int32Array(shared ? new SharedArrayBuffer(8) : new ArrayBuffer(8));
  const job: Job = { a, b, target, upper, counts };
  if (shared) askForHelp(job);
  return () => {
    addBlocks(job, ownTiles());
    const blocks = Math.ceil(a.rows / shape.side) * Math.ceil(b.rows / shape.side);
    for (let done = Atomics.load(counts, 1); done < blocks; done = Atomics.load(counts, 1))
      Atomics.wait(counts, 1, done);
  };
}

export const addProducts = (a: DenseMatrix, b: DenseMatrix, target: Target, upper: boolean): void =>
  beginProducts(a, b, target, upper)();
