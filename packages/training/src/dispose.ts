/** Disposing one generation of tensors without touching what the next one still uses. */
import * as tf from "@tensorflow/tfjs-core";
import { tree, type Tree } from "@ergodic/tensor";

/**
 * Disposes every tensor of `value` that is not part of one of `kept`. Leaves that are no tensors
 * are passed over.
 */
export function disposeTensors(value: unknown, kept: readonly unknown[] = []): void {
  const keep = new Set(kept.flatMap(leavesOf));
  for (const leaf of leavesOf(value)) {
    if (leaf instanceof tf.Tensor && !keep.has(leaf) && !leaf.isDisposed) leaf.dispose();
  }
}

function leavesOf(value: unknown): unknown[] {
  return tree.leaves(value as Tree<unknown>);
}
