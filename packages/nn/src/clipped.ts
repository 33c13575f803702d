/** Gradient clipping as a wrapper of an optimiser. */
import * as tf from "@tensorflow/tfjs-core";
import { assertPositive, type TensorTree, type Trained } from "@ergodic/tensor";
import { clipByGlobalNorm, globalNorm } from "./gradient-norm.js";
import type { Optimizer } from "./optimizer.js";

/** `gradientNorm` is the norm of the last gradient before clipping. */
export type ClippedState<S extends TensorTree> = { readonly inner: S; readonly gradientNorm: tf.Scalar };

/**
 * The optimiser with clipped gradients g · min(1, maxNorm/‖g‖). The Euclidean norm is over all
 * trained parameters together.
 *
 * Metric: `gradientNorm`, the norm before clipping.
 *
 * @throws ValidationError unless `maxNorm` is positive.
 */
export function clipped<S extends TensorTree>(
  optimizer: Optimizer<S>,
  { maxNorm }: { readonly maxNorm: number },
): Optimizer<ClippedState<S>> {
  assertPositive({ maxNorm });
  return {
    init: (params) => ({ inner: optimizer.init(params), gradientNorm: tf.scalar(0) }),
    update<P extends TensorTree>(params: P, grads: NoInfer<P | Trained<P>>, { inner }: ClippedState<S>) {
      const shortened = clipByGlobalNorm(grads as TensorTree, maxNorm) as Trained<P>;
      const moved = optimizer.update(params, shortened, inner);
      return { params: moved.params, state: { inner: moved.state, gradientNorm: globalNorm(grads as TensorTree) } };
    },
    metrics: ({ inner, gradientNorm }) => ({ ...optimizer.metrics?.(inner), gradientNorm }),
  };
}
