/** Updates of the `$fixed` members of a model. */
import * as tf from "@tensorflow/tfjs-core";
import { allMean } from "@ergodic/engine";
import { tree, type TensorTree } from "@ergodic/tensor";

/** A model whose `$fixed` members may change between updates: a layer or an energy. */
export interface Refreshable<P extends TensorTree, In> {
  refresh?(params: P, input: In): P;
}

/** Refreshes that are running inside each other. The outermost averages and checks for all. */
let depth = 0;

/**
 * The refreshed parameters of a model, in a cluster averaged over the workers. A tensor that would
 * become NaN or infinite is kept as it was.
 */
export function refreshed<P extends TensorTree, In>(model: Refreshable<P, In>, params: P, input: In): P {
  depth++;
  let next: P | undefined;
  try {
    next = model.refresh?.(params, input);
  } finally {
    depth--;
  }
  if (next === undefined) return params;
  if (depth > 0) return next;
  const [{ leaves, structure }, before] = [tree.flatten(next as TensorTree), tree.leaves(params as TensorTree)];
  const changed = leaves.filter((leaf, i) => leaf !== before[i] && leaf.dtype === "float32");
  const means = new Map(allMean(changed).map((mean, i) => [changed[i]!, mean]));
  const kept = leaves.map((leaf, i) => {
    const fresh = means.get(leaf) ?? leaf;
    return fresh === before[i] ? fresh : tf.where(tf.all(tf.isFinite(fresh)), fresh, before[i]!);
  });
  return tree.unflatten(structure, kept) as P;
}
