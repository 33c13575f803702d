/** Gradients averaged over workers, and updates skipped where they are not finite. */
import * as tf from "@tensorflow/tfjs-core";
import { allMean } from "@ergodic/engine";
import { squaredLength, trainedPart, type TensorTree, type Trained } from "@ergodic/tensor";
import { movedWhere, type Optimizer } from "./optimizer.js";

/** `skipped` counts the updates that were skipped. */
export type SkipUnsoundState<S extends TensorTree> = { readonly inner: S; readonly skipped: tf.Scalar };

/**
 * The optimiser that keeps parameters and state where the squared norm of the gradient is not
 * finite in float32.
 *
 * That is so where a number in the gradient is NaN or infinite, or where the norm is above 1.8e19.
 * Squares that optimisers keep overflow there.
 *
 * In a cluster the gradient is first averaged over the workers (`allMean`), so that all of them make
 * the same update, or skip it together.
 *
 * Metric: `skipped`, the number of updates skipped so far.
 */
export function skipUnsound<S extends TensorTree>(optimizer: Optimizer<S>): Optimizer<SkipUnsoundState<S>> {
  return {
    init: (params) => ({ inner: optimizer.init(params), skipped: tf.scalar(0) }),
    update<P extends TensorTree>(params: P, grads: NoInfer<P | Trained<P>>, { inner, skipped }: SkipUnsoundState<S>) {
      const mean = allMean(grads as TensorTree) as typeof grads;
      const sound = tf.isFinite(squaredLength(trainedPart(mean as TensorTree)));
      const next = movedWhere(sound, optimizer.update(params, mean, inner), { params, state: inner });
      return {
        ...next,
        state: { inner: next.state, skipped: tf.add(skipped, tf.sub(1, tf.cast(sound, "float32"))) as tf.Scalar },
      };
    },
    metrics: ({ inner, skipped }) => ({ ...optimizer.metrics?.(inner), skipped }),
  };
}
