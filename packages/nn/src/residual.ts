/**
 * Residual blocks: a network added to its own input.
 *
 * Source: He et al., "Deep Residual Learning", arXiv 1512.03385.
 */
import * as tf from "@tensorflow/tfjs-core";
import { fail, random, type TensorTree } from "@ergodic/tensor";
import { identity } from "./activations.js";
import type { Layer, NoParams } from "./layer.js";
import { refreshed } from "./refreshed.js";
import { learningOfPart } from "./learning.js";

export type ResidualParams<B extends TensorTree, S extends TensorTree> = { readonly body: B; readonly skip: S };

/** skip + body, which must have one shape. */
export function sumOf(skip: tf.Tensor, body: tf.Tensor): tf.Tensor {
  if (!tf.util.arraysEqual(skip.shape, body.shape)) {
    fail(
      `the body of a residual block gives shape [${body.shape.join(",")}] beside a skip of [${skip.shape.join(",")}]`,
      "equal shapes",
      "give a skip that changes the shape alike, a 1x1 convolution for instance",
    );
  }
  return tf.add(skip, body);
}

/**
 * y = skip(x) + body(x); without a skip, x + body(x).
 *
 * @throws ValidationError when the two outputs have different shapes, and whatever the parts throw.
 */
export function residual<B extends TensorTree>(body: Layer<B>): Layer<ResidualParams<B, NoParams>>;
export function residual<B extends TensorTree, S extends TensorTree>(
  body: Layer<B>,
  skip: Layer<S>,
): Layer<ResidualParams<B, S>>;
export function residual<B extends TensorTree>(
  body: Layer<B>,
  skip: Layer<TensorTree> = identity() as Layer<TensorTree>,
): Layer<ResidualParams<B, TensorTree>> {
  const block: Layer<ResidualParams<B, TensorTree>> = {
    init: (key) => ({ body: body.init(random.fold(key, 0)), skip: skip.init(random.fold(key, 1)) }),
    apply: (params, input, learning) =>
      sumOf(
        skip.apply(params.skip, input, learningOfPart(learning, 1)),
        body.apply(params.body, input, learningOfPart(learning, 0)),
      ),
  };
  if (body.refresh === undefined && skip.refresh === undefined) return block;
  return {
    ...block,
    refresh: (params, input) => ({
      body: refreshed(body, params.body, input),
      skip: refreshed(skip, params.skip, input),
    }),
  };
}
