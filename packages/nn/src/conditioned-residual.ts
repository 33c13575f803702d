/** Residual blocks with a second input, such as the embedding of a time. */
import * as tf from "@tensorflow/tfjs-core";
import { tidy } from "@ergodic/engine";
import { assertShape, random, type TensorTree } from "@ergodic/tensor";
import { identity } from "./activations.js";
import type { Layer } from "./layer.js";
import { refreshed } from "./refreshed.js";
import { learningOfPart, type Learning } from "./learning.js";
import { sumOf } from "./residual.js";

/** `image` `[batch, ..., channels]`; `condition` `[batch, features]`. */
export type Conditioned = { readonly image: tf.Tensor; readonly condition: tf.Tensor };

export interface ConditionedResidualOptions<
  F extends TensorTree,
  C extends TensorTree,
  S extends TensorTree,
  K extends TensorTree,
> {
  /** Applied to the image. Its output is `[batch, ..., out]`. */
  readonly first: Layer<F>;
  /**
   * Applied to the condition. Its output `[batch, out]` is added at every position of the output of
   * `first`.
   */
  readonly project: Layer<C>;
  /** Applied to the sum of both. */
  readonly second: Layer<S>;
  /** Applied to the image. Default: the identity. */
  readonly skip?: Layer<K>;
}

export type ConditionedResidualParams<F, C, S, K> = {
  readonly first: F;
  readonly project: C;
  readonly second: S;
  readonly skip: K;
};

/**
 * y = skip(x) + second(first(x) + project(c)) for an image x and a condition c. Activations belong
 * to the parts.
 *
 * @throws ValidationError when shapes do not fit together, and whatever the parts throw.
 */
export function conditionedResidual<
  F extends TensorTree,
  C extends TensorTree,
  S extends TensorTree,
  K extends TensorTree = readonly never[],
>(options: ConditionedResidualOptions<F, C, S, K>): Layer<ConditionedResidualParams<F, C, S, K>, Conditioned> {
  const { first, project, second, skip = identity() as Layer as Layer<K> } = options;
  type Params = ConditionedResidualParams<F, C, S, K>;
  const between = (params: Params, { image, condition }: Conditioned, learning?: Learning): tf.Tensor => {
    const inside = first.apply(params.first, image, learningOfPart(learning, 0));
    const added = project.apply(params.project, condition, learningOfPart(learning, 1));
    const [batch, out] = [inside.shape[0]!, inside.shape[inside.rank - 1]!];
    assertShape(
      "the projected condition of conditionedResidual",
      added,
      [batch, out],
      "one value per example and channel",
    );
    return tf.add(inside, tf.reshape(added, [batch, ...inside.shape.slice(1, -1).map(() => 1), out]));
  };
  const block: Layer<Params, Conditioned> = {
    init: (key) => ({
      first: first.init(random.fold(key, 0)),
      project: project.init(random.fold(key, 1)),
      second: second.init(random.fold(key, 2)),
      skip: skip.init(random.fold(key, 3)),
    }),
    apply: (params, input, learning) =>
      sumOf(
        skip.apply(params.skip, input.image, learningOfPart(learning, 3)),
        second.apply(params.second, between(params, input, learning), learningOfPart(learning, 2)),
      ),
  };
  if ([first, project, second, skip].every(({ refresh }) => refresh === undefined)) return block;
  return {
    ...block,
    refresh: (params, input) =>
      tidy(() => {
        const outer = {
          ...params,
          first: refreshed(first, params.first, input.image),
          project: refreshed(project, params.project, input.condition),
          skip: refreshed(skip, params.skip, input.image),
        };
        return { ...outer, second: refreshed(second, params.second, between(outer, input, {})) };
      }),
  };
}
