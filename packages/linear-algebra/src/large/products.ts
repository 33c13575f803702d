/** Sums of products of matrices, on as many threads as pay. */
import { sharedWork, threadCount, type Finish } from "@ergodic/tensor";
import { addBlock, blocksOf, type DenseMatrix, type Job, type Target } from "./blocks.js";
import { tilesBinary } from "./tiles-binary.js";
import { compiledTiles, ownTiles, shape, tilesOf } from "./tiles.js";

/** Multiply-adds from which help pays: a millisecond or two. */
const LARGE = 2 ** 24;

const work = sharedWork<Job>(
  `({ binary, shape }) => {
    const module = new WebAssembly.Module(Buffer.from(binary, "base64"));
    const tiles = (${String(tilesOf)})(new WebAssembly.Instance(module).exports, shape);
    const addBlock = ${String(addBlock)};
    return (job) => (block) => addBlock(job, tiles, block);
  }`,
  { binary: tilesBinary, shape },
);

/**
 * Begins `target[i, j] += <row i of a, row j of b>`. Helpers compute until the returned function is
 * called, which computes with them and returns when all is done.
 *
 * Help needs shared memory (`sharedZeros`) of all three.
 *
 * @param upper whether tiles below the diagonal are left out; they keep their contents
 */
export function beginProducts(a: DenseMatrix, b: DenseMatrix, target: Target, upper: boolean): Finish {
  const job: Job = { a, b, target, upper };
  const blocks = blocksOf(job, shape.side);
  const run = (block: number) => addBlock(job, ownTiles(), block);
  const large = a.rows * b.rows * a.columns >= LARGE && threadCount() > 1 && compiledTiles() !== undefined;
  if (large && [a, b, target].every(({ values }) => !(values.buffer instanceof ArrayBuffer)))
    return work.begin(job, blocks, run);
  return () => {
    for (let block = 0; block < blocks; block++) run(block);
    return true;
  };
}

export function addProducts(a: DenseMatrix, b: DenseMatrix, target: Target, upper: boolean): void {
  beginProducts(a, b, target, upper)();
}
