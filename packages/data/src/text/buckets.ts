/** Seeded batches of similar examples, such as sentences of nearly one length. */
import { assertNonNegativeInteger, type Batches, type BatchOptions, type Key, random } from "@ergodic/tensor";
import { assertBatchOptions } from "../batching.js";

/**
 * Batches that each come from one bucket.
 *
 * The key `random.fold(key, epoch)` decides the order of an epoch. Each bucket is shuffled and cut
 * into batches, the last one with the rest of the bucket. Then the batches of all buckets are
 * shuffled.
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
  const buckets = bucketsOf(size, bucketOf);
  const perEpoch = buckets.reduce((sum, bucket) => sum + Math.ceil(bucket.length / batchSize), 0);
  let current: { readonly epoch: number; readonly batches: readonly Int32Array[] } | undefined;
  return {
    perEpoch,
    at(iteration) {
      assertNonNegativeInteger({ iteration });
      const epoch = Math.floor(iteration / perEpoch);
      if (current?.epoch !== epoch) current = { epoch, batches: shuffled(buckets, batchSize, random.fold(key, epoch)) };
      return gather(current.batches[iteration % perEpoch]!);
    },
  };
}

/** The numbers of each bucket's examples, in the order of the buckets. */
function bucketsOf(size: number, bucketOf: (index: number) => number): readonly (readonly number[])[] {
  const members = new Map<number, number[]>();
  for (let index = 0; index < size; index++) {
    const bucket = bucketOf(index);
    const known = members.get(bucket);
    if (known === undefined) members.set(bucket, [index]);
    else known.push(index);
  }
  return [...members].sort(([a], [b]) => a - b).map(([, indices]) => indices);
}

function shuffled(buckets: readonly (readonly number[])[], batchSize: number, key: Key): readonly Int32Array[] {
  const [ofBatches, ...ofBuckets] = random.split(key, buckets.length + 1) as [Key, ...Key[]];
  const batches = buckets.flatMap((bucket, b) => {
    const order = random.host.permutation(ofBuckets[b]!, bucket.length).map((place) => bucket[place]!);
    return Array.from({ length: Math.ceil(order.length / batchSize) }, (_, i) =>
      order.subarray(i * batchSize, (i + 1) * batchSize),
    );
  });
  return Array.from(random.host.permutation(ofBatches, batches.length), (place) => batches[place]!);
}
