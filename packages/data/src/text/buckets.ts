/** Seeded batches of similar examples, such as sentences of nearly one length. */
import { assertNonNegativeInteger, type Batches, type BatchOptions, random } from "@ergodic/tensor";
import { assertBatchOptions } from "../batching.js";

/**
 * Full batches of examples from one bucket, or from two neighbouring ones.
 *
 * The key `random.fold(key, epoch)` decides the order of an epoch. The examples are shuffled,
 * sorted by bucket, and cut into batches, which are shuffled too. An epoch leaves out `size` mod
 * `batchSize` random examples, so that every batch is full.
 *
 * @param bucketOf the bucket of an example by its number
 * @param gather makes the batch of the examples with these indices
 * @throws ValidationError as `shuffledBatches`
 */
export function bucketedBatches<B>(
  size: number,
  bucketOf: (index: number) => number,
  options: BatchOptions,
  gather: (indices: Int32Array) => B,
): Batches<B> {
  assertBatchOptions(size, options);
  const { batchSize, key } = options;
  const perEpoch = Math.floor(size / batchSize);
  const buckets = Int32Array.from({ length: size }, (_, index) => bucketOf(index));
  let current: { readonly epoch: number; readonly batches: readonly Int32Array[] } | undefined;
  const epochOf = (epoch: number) => {
    const [orderKey, batchKey] = random.split(random.fold(key, epoch), 2);
    const taken = Array.from(random.host.permutation(orderKey!, size).subarray(0, perEpoch * batchSize));
    const sorted = Int32Array.from(taken.sort((a, b) => buckets[a]! - buckets[b]!));
    const order = Array.from(random.host.permutation(batchKey!, perEpoch));
    return { epoch, batches: order.map((i) => sorted.subarray(i * batchSize, (i + 1) * batchSize)) };
  };
  return {
    perEpoch,
    at(iteration) {
      assertNonNegativeInteger({ iteration });
      const epoch = Math.floor(iteration / perEpoch);
      if (current?.epoch !== epoch) current = epochOf(epoch);
      return gather(current.batches[iteration % perEpoch]!);
    },
  };
}
