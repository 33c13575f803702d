/** Large requests in parts. */
import * as tf from "@tensorflow/tfjs-core";
import type { Key } from "./key.js";
import { assertFitsMemory } from "./memory.js";
import { random } from "./random.js";
import { assertPositiveInteger } from "./validation.js";

/**
 * `n` rows made at most `chunk` at a time and joined along the first axis: it bounds the memory of a large request. The rows from `start` on
 * are made with `random.fold(key, start)`.
 *
 * @throws ValidationError unless both counts are positive integers and the rows fit the machine's memory, told after the first chunk.
 */
export async function inChunks(
  n: number,
  { chunk, key }: { readonly chunk: number; readonly key: Key },
  make: (count: number, key: Key) => Promise<tf.Tensor>,
): Promise<tf.Tensor> {
  assertPositiveInteger({ n, chunk });
  const parts: tf.Tensor[] = [];
  try {
    for (let start = 0; start < n; start += chunk) {
      const part = await make(Math.min(chunk, n - start), random.fold(key, start));
      parts.push(part);
      if (start === 0) assertFitsMemory(`a request for ${n} rows`, [n, ...part.shape.slice(1)]);
    }
    return tf.concat(parts, 0);
  } finally {
    tf.dispose(parts);
  }
}
