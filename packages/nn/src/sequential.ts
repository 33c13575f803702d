/** Layers one after the other. */
import type * as tf from "@tensorflow/tfjs-core";
import { tidy } from "@ergodic/engine";
import { random, type TensorTree } from "@ergodic/tensor";
import type { Layer } from "./layer.js";
import { refreshed } from "./refreshed.js";
import { learningOfPart } from "./learning.js";

/**
 * The composition of `layers`, first to last.
 *
 * - Its parameters are the list of theirs. An activation has an empty entry, so adding one shifts
 *   the names of later layers.
 * - Layer i is initialised with the i-th key folded out of the given one. While learning it draws
 *   from the i-th key folded out of the key of `learning`.
 * - It has `refresh` where one of the layers has. The input for refreshing a layer is the output of
 *   the refreshed layers before it, while learning without a key.
 */
export function sequential<P extends readonly TensorTree[]>(
  ...layers: { readonly [I in keyof P]: Layer<P[I]> }
): Layer<P> {
  const list = layers as readonly Layer<TensorTree>[];
  const composed: Layer<P> = {
    init: (key) => list.map((layer, i) => layer.init(random.fold(key, i))) as readonly TensorTree[] as P,
    apply: (params, input, learning) =>
      list.reduce<tf.Tensor>((x, layer, i) => layer.apply(params[i]!, x, learningOfPart(learning, i)), input),
  };
  const last = list.findLastIndex((layer) => layer.refresh !== undefined);
  if (last < 0) return composed;
  return {
    ...composed,
    refresh: (params, input) =>
      tidy(() => {
        let x = input;
        const moved = list.map((layer, i) => {
          const part = refreshed(layer, params[i]!, x);
          if (i < last) x = layer.apply(part, x, {});
          return part;
        });
        return moved as readonly TensorTree[] as P;
      }),
  };
}
