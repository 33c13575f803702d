/** What layers are told while the network around them learns. */
import { random, type Key } from "@ergodic/tensor";

/**
 * Passed to `apply` while learning and left out in evaluation. Batch normalisation then uses the statistics of the batch.
 * Layers that draw, dropout for instance, draw from `key`. Without a key they draw nothing.
 */
export type Learning = { readonly key?: Key };

/** What the i-th part of a layer is told: the same, with the i-th key folded out of the given one. */
export const learningOfPart = (learning: Learning | undefined, i: number): Learning | undefined =>
  learning?.key === undefined ? learning : { key: random.fold(learning.key, i) };
