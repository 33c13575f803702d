/** Large requests, made in parts. */
import * as tf from "@tensorflow/tfjs-core";
import type { Key } from "./key.js";
import { assertFitsMemory } from "./memory.js";
import { random } from "./random.js";
import { tree, type TensorTree } from "./tree.js";
import { assertPositiveInteger } from "./validation.js";

/**
 * Makes `n` rows, at most `chunk` at a time, and joins them along the first axis of every leaf.
 *
 * - Chunks bound the memory of a large request.
 * - The rows from `start` on are made with `random.fold(key, start)`, and `make` is told `start`.
 *
 * @param make makes rows as a tensor, or as a tree of tensors.
 * @throws ValidationError unless both counts are positive integers and the rows fit the machine's
 *   memory. The memory is checked after the first chunk.
 */
export async function inChunks<T extends TensorTree>(
  n: number,
  { chunk, key }: { readonly chunk: number; readonly key: Key },
  make: (count: number, key: Key, start: number) => Promise<T>,
): Promise<T> {
  assertPositiveInteger({ n, chunk });
  const parts: T[] = [];
  try {
    for (let start = 0; start < n; start += chunk) {
      const part = await make(Math.min(chunk, n - start), random.fold(key, start), start);
      parts.push(part);
      if (start > 0) continue;
      const row = tree.leaves(part).reduce((total, leaf) => total + leaf.size / leaf.shape[0]!, 0);
      assertFitsMemory(`a request for ${n} rows`, [n, row]);
    }
    const [first, ...others] = parts as readonly TensorTree[];
    return tree.zip((...leaves) => tf.concat(leaves, 0), first!, ...others) as T;
  } finally {
    tree.dispose(parts);
  }
}
