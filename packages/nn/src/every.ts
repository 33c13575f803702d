/** Updates at every k-th call, as a wrapper of an optimiser. */
import * as tf from "@tensorflow/tfjs-core";
import { assertPositiveInteger, type TensorTree, type Trained } from "@ergodic/tensor";
import { movedWhere, type Optimizer } from "./optimizer.js";

/** `calls` counts the calls of `update`. */
export type EveryState<S extends TensorTree> = { readonly inner: S; readonly calls: tf.Scalar };

/**
 * The optimiser that updates at the first of every `k` calls. At the others it keeps parameters and
 * state.
 *
 * It lets one part learn once for k updates of another.
 *
 * @throws ValidationError unless `k` is a positive integer.
 */
export function every<S extends TensorTree>(k: number, optimizer: Optimizer<S>): Optimizer<EveryState<S>> {
  assertPositiveInteger({ k });
  return {
    init: (params) => ({ inner: optimizer.init(params), calls: tf.scalar(0) }),
    update<P extends TensorTree>(params: P, grads: NoInfer<P | Trained<P>>, { inner, calls }: EveryState<S>) {
      const due = tf.equal(calls, 0);
      const next = movedWhere(due, optimizer.update(params, grads, inner), { params, state: inner });
      return { ...next, state: { inner: next.state, calls: tf.mod(tf.add(calls, 1), k) as tf.Scalar } };
    },
    metrics: ({ inner }) => ({ ...optimizer.metrics?.(inner) }),
  };
}
