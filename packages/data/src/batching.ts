/** Seeded batches with random access: the number of an iteration determines its examples. */
import {
  assertNonNegativeInteger,
  assertPositiveInteger,
  type Batches,
  type BatchOptions,
  fail,
  isHostKey,
  random,
} from "@ergodic/tensor";
import type { IndexedDataset } from "./dataset.js";

/**
 * Shuffled batches over `size` examples.
 *
 * Epoch e is the permutation of `random.fold(key, e)`, cut into pieces of `batchSize`. The last
 * piece holds the rest. Every example comes exactly once per epoch.
 *
 * @param gather makes the batch of the examples with these indices
 * @throws ValidationError if batchSize is not a whole number in 1 .. size, or the key holds no
 * numbers
 */
export function shuffledBatches<B>(
  size: number,
  options: BatchOptions,
  gather: (indices: Int32Array) => B,
): Batches<B> {
  assertBatchOptions(size, options);
  const { batchSize, key } = options;
  const perEpoch = Math.ceil(size / batchSize);
  let current: { readonly epoch: number; readonly order: Int32Array } | undefined;
  return {
    perEpoch,
    at(iteration) {
      assertNonNegativeInteger({ iteration });
      const epoch = Math.floor(iteration / perEpoch);
      if (current?.epoch !== epoch) current = { epoch, order: random.host.permutation(random.fold(key, epoch), size) };
      const start = (iteration % perEpoch) * batchSize;
      return gather(current.order.subarray(start, Math.min(start + batchSize, size)));
    },
  };
}

/** The two ways to access examples: by their numbers, and in shuffled batches. */
export function randomAccess<B>(
  size: number,
  gather: (indices: Int32Array) => B,
): Pick<IndexedDataset<B>, "take" | "batches"> {
  return {
    take(indices) {
      const wrong = indices.find((index) => index < 0 || index >= size);
      if (wrong !== undefined)
        fail(`example ${wrong} is asked for`, `numbers in 0 .. ${size - 1}`, "check the indices");
      return gather(indices);
    },
    batches: (options) => shuffledBatches(size, options, gather),
  };
}

/**
 * Checks the options of batches.
 *
 * @throws ValidationError if batchSize is not a whole number in 1 .. size, or the key holds no
 * numbers
 */
export function assertBatchOptions(size: number, { batchSize, key }: BatchOptions): void {
  assertPositiveInteger({ size });
  assertPositiveInteger({ batchSize });
  if (batchSize > size) {
    fail(`batchSize is ${batchSize}`, `at most the ${size} examples there are`, "choose a smaller batch or more data");
  }
  if (!isHostKey(key)) fail("the key of batches holds no numbers", "a random key", "make one with random.key(seed)");
}
