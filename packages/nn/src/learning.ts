/** The argument that tells layers that their network learns. */
import { random, type Key } from "@ergodic/tensor";

/**
 * Passed to `apply` while learning, and left out in evaluation.
 *
 * Batch normalisation then uses the statistics of the batch. Layers that draw, such as dropout,
 * draw from `key`. Without a key they draw nothing.
 */
export type Learning = { readonly key?: Key };

/**
 * The argument for the i-th part of a layer. Its key is the i-th one folded out of the given key.
 */
export const learningOfPart = (learning: Learning | undefined, i: number): Learning | undefined =>
  learning?.key === undefined ? learning : { key: random.fold(learning.key, i) };
