/** What an optimiser is: a pure map of trees of tensors, so that it can be compiled, saved and resumed like everything else. */
import * as tf from "@tensorflow/tfjs-core";
import { trainedPart, tree, withTrained, type TensorTree, type Trained } from "@ergodic/tensor";

/** @typeParam S the optimiser's state: a tree of tensors, the step counter included. */
export interface Optimizer<S extends TensorTree = TensorTree> {
  /** The state before the first update of `params`. It holds nothing of `$fixed` members. */
  init(params: TensorTree): S;
  /**
   * The next parameters and state, all new tensors but for `$fixed` members, which stay as they are; nothing given is changed
   * or disposed. `grads` is a tree like `params`, with or without `$fixed` members.
   */
  update<P extends TensorTree>(params: P, grads: NoInfer<P | Trained<P>>, state: S): { params: P; state: S };
  /** Scalars worth logging, read off the state after an update, by name: the norm of the gradient, the updates skipped. */
  metrics?(state: S): Readonly<Record<string, tf.Scalar>>;
}

/** Zeros for every leaf, as accumulators start. */
export const zerosLike = (params: TensorTree): TensorTree => tree.map((leaf) => tf.zerosLike(leaf), params);

/** The rule of an optimiser on trees all of which is trained. */
export interface UpdateRule<S extends TensorTree> {
  init(params: TensorTree): S;
  update(params: TensorTree, grads: TensorTree, state: S): { params: TensorTree; state: S };
}

/** The optimiser that follows a rule on what is trained, and never shows it `$fixed` members. */
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

/** `next` where the scalar `condition` is true, else `before`, in new tensors; `$fixed` members stay as they are. */
export function movedWhere<P extends TensorTree, S extends TensorTree>(
  condition: tf.Tensor,
  next: Moved<P, S>,
  before: Moved<P, S>,
): Moved<P, S> {
  const chosen = <T extends TensorTree>(fresh: T, old: T): T =>
    tree.zip((a, b) => tf.where(condition, a!, b!), fresh as TensorTree, old as TensorTree) as T;
  const params = chosen(trainedPart(next.params) as TensorTree, trainedPart(before.params) as TensorTree);
  return { params: withTrained(before.params, params as P), state: chosen(next.state, before.state) };
}
