/** Moving on what a model remembers beside its trained parameters. */
import * as tf from "@tensorflow/tfjs-core";
import { tree, type TensorTree } from "@ergodic/tensor";

/** Anything with parameters of which some members may move: a layer, an energy. */
export interface Refreshable<P extends TensorTree, In> {
  refresh?(params: P, input: In): P;
}

/** The parameters of a model, moved on where it moves any; a tensor that would hold NaN or infinity stays as it was. */
export function refreshed<P extends TensorTree, In>(model: Refreshable<P, In>, params: P, input: In): P {
  const next = model.refresh?.(params, input);
  if (next === undefined) return params;
  const finite = (fresh: tf.Tensor, old: tf.Tensor): tf.Tensor =>
    fresh === old ? fresh : tf.where(tf.all(tf.isFinite(fresh)), fresh, old);
  return tree.zip(finite as (...leaves: tf.Tensor[]) => tf.Tensor, next as TensorTree, params) as P;
}
