/**
 * The shape of an optimiser: pure functions of trees of tensors, which can be compiled, saved and
 * resumed.
 */
import * as tf from "@tensorflow/tfjs-core";
import { trainedPart, tree, withTrained, zipElementwise, type TensorTree, type Trained } from "@ergodic/tensor";

/**
 * A rule that updates parameters by their gradient.
 *
 * @typeParam S the optimiser's state: a tree of tensors, with the step counter.
 */
export interface Optimizer<S extends TensorTree = TensorTree> {
  /** The state before the first update of `params`. It holds nothing for `$fixed` members. */
  init(params: TensorTree): S;
  /**
   * The next parameters and state. `$fixed` members are the given tensors, all others are new ones.
   *
   * `grads` has the structure of `params`, with or without `$fixed` members. No argument is changed
   * or disposed.
   */
  update<P extends TensorTree>(params: P, grads: NoInfer<P | Trained<P>>, state: S): { params: P; state: S };
  /**
   * Named scalars for the log, read off the state after an update, such as the norm of the
   * gradient.
   */
  metrics?(state: S): Readonly<Record<string, tf.Scalar>>;
}

/** Zeros for each leaf: the start of accumulators. */
export const zerosLike = (params: TensorTree): TensorTree =>
  tree.map((leaf) => tf.zeros(leaf.shape, leaf.dtype), params);

/** The rule of an optimiser, for trees without `$fixed` members. */
export interface UpdateRule<S extends TensorTree> {
  init(params: TensorTree): S;
  update(params: TensorTree, grads: TensorTree, state: S): { params: TensorTree; state: S };
}

/** The optimiser that applies a rule to the trained members alone. */
export const optimizerOf = <S extends TensorTree>({ init, update }: UpdateRule<S>): Optimizer<S> => ({
  init: (params) => init(trainedPart(params) as TensorTree),
  update<P extends TensorTree>(params: P, grads: NoInfer<P | Trained<P>>, state: S) {
    const given = trainedPart(grads as TensorTree) as TensorTree;
    const moved = update(trainedPart(params) as TensorTree, given, state);
    return { params: withTrained(params, moved.params as P), state: moved.state };
  },
});

/** Parameters and the optimiser's state beside them. */
interface Moved<P extends TensorTree, S extends TensorTree> {
  readonly params: P;
  readonly state: S;
}

/**
 * `next` where the scalar `condition` is true, else `before`, in new tensors. `$fixed` members are
 * those of `before`.
 */
export function movedWhere<P extends TensorTree, S extends TensorTree>(
  condition: tf.Tensor,
  next: Moved<P, S>,
  before: Moved<P, S>,
): Moved<P, S> {
  const chosen = <T extends TensorTree>(fresh: T, old: T): T =>
    zipElementwise((a, b) => tf.where(condition, a!, b!), fresh as TensorTree, old as TensorTree) as T;
  const params = chosen(trainedPart(next.params) as TensorTree, trainedPart(before.params) as TensorTree);
  return { params: withTrained(before.params, params as P), state: chosen(next.state, before.state) };
}
