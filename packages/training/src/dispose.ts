/** Disposes replaced tensors and keeps those still in use. */
import * as tf from "@tensorflow/tfjs-core";
import { tree, type Tree } from "@ergodic/tensor";

/** Disposes every tensor of `value` that is not part of one of `kept`. Other leaves are ignored. */
export function disposeTensors(value: unknown, kept: readonly unknown[] = []): void {
  const keep = new Set(kept.flatMap(leavesOf));
  for (const leaf of leavesOf(value)) {
    if (leaf instanceof tf.Tensor && !keep.has(leaf) && !leaf.isDisposed) leaf.dispose();
  }
}

function leavesOf(value: unknown): unknown[] {
  return tree.leaves(value as Tree<unknown>);
}
