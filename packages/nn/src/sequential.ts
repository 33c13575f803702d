/** Layers one after the other. */
import type * as tf from "@tensorflow/tfjs-core";
import { random, type TensorTree } from "@ergodic/tensor";
import type { Layer } from "./layer.js";

/**
 * The composition of `layers`, first to last. Its parameters are the list of theirs, in order (activations hold an empty place, so
 * inserting one shifts the names of the layers behind it); layer i starts from the i-th key folded out of the given one.
 */
export function sequential<P extends readonly TensorTree[]>(
  ...layers: { readonly [I in keyof P]: Layer<P[I]> }
): Layer<P> {
  const list = layers as readonly Layer<TensorTree>[];
  return {
    init: (key) => list.map((layer, i) => layer.init(random.fold(key, i))) as readonly TensorTree[] as P,
    apply: (params, input) => list.reduce<tf.Tensor>((x, layer, i) => layer.apply(params[i]!, x), input),
  };
}
