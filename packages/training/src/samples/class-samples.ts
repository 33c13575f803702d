/** Samples of several classes. */
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";

export interface ClassSampling {
  readonly labels: readonly number[];
  readonly key: Key;
  /** Number of samples of each class. */
  readonly n: number;
}

/** `n` samples of each class, one class after the other, `[labels · n, ...]` in each leaf. */
export async function classSamples(
  sampleClass: (label: number, key: Key, n: number) => Promise<TensorTree>,
  { labels, key, n }: ClassSampling,
): Promise<TensorTree> {
  const parts: TensorTree[] = [];
  try {
    for (const label of labels) parts.push(await sampleClass(label, random.fold(key, label), n));
    const [first, ...others] = parts;
    return tree.zip((...leaves) => tf.concat(leaves, 0), first!, ...others) as TensorTree;
  } finally {
    tree.dispose(parts);
  }
}
