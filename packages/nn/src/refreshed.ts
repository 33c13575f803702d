/** Updates of the `$fixed` members of a model. */
import * as tf from "@tensorflow/tfjs-core";
import { tree, type TensorTree } from "@ergodic/tensor";

/** A model whose `$fixed` members may change between updates: a layer or an energy. */
export interface Refreshable<P extends TensorTree, In> {
  refresh?(params: P, input: In): P;
}

/**
 * The refreshed parameters of a model. A tensor that would become NaN or infinite is kept as it
 * was.
 */
export function refreshed<P extends TensorTree, In>(model: Refreshable<P, In>, params: P, input: In): P {
  const next = model.refresh?.(params, input);
  if (next === undefined) return params;
  const finite = (fresh: tf.Tensor, old: tf.Tensor): tf.Tensor =>
    fresh === old ? fresh : tf.where(tf.all(tf.isFinite(fresh)), fresh, old);
  return tree.zip(finite as (...leaves: tf.Tensor[]) => tf.Tensor, next as TensorTree, params) as P;
}
