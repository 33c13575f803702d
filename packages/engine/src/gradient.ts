/**
 * Reverse-mode derivatives over trees of tensors, of any order.
 *
 * Under Node, `tfjs-core` registers no gradient rules by itself, hence the first import below. It
 * changes nothing but the registry of TensorFlow.js.
 */
import "@tensorflow/tfjs-core/dist/register_all_gradients.js";
import * as tf from "@tensorflow/tfjs-core";
import { tree, ValidationError, type TensorTree } from "@ergodic/tensor";
import { installReplacements } from "./composites.js";
import { registerRules } from "./gradients/rules.js";
import { assertTapeRuns, clearTape, mendTape, tapeLength } from "./gradients/tape.js";
import { tidy } from "./tidy.js";

registerRules();
installReplacements();

/**
 * Runs the forward pass under the tape. `aux` outlives the scopes of the tape and belongs to the
 * caller's scope.
 */
function differentiate<P extends TensorTree, A extends TensorTree>(
  forward: (params: P) => readonly [tf.Tensor, A],
  params: P,
): { value: tf.Scalar; grad: P; aux: A } {
  assertTapeRuns();
  const { leaves, structure } = tree.flatten(params);
  let kept: A | undefined;
  return tidy(() => {
    // Copies separate this gradient from an outer one: what the outer differentiated function
    // computed from `params` before does not count as computed from them here.
    const xs = leaves.map((leaf) => tf.clone(leaf as tf.Tensor));
    const inner = (): tf.Scalar => {
      const start = tapeLength();
      const [value, aux] = forward(tree.unflatten(structure, xs) as P);
      if (!(value instanceof tf.Tensor) || value.size !== 1) {
        const got = value instanceof tf.Tensor ? `shape [${value.shape.join(", ")}]` : typeof value;
        throw new ValidationError(
          `the differentiated function returned ${got}; expected a scalar. Reduce it first: tf.sum(y) or tf.mean(y).`,
        );
      }
      kept = tree.map((t) => tf.keep(tf.clone(t as tf.Tensor)), aux as TensorTree) as A;
      const scalar: tf.Scalar = tf.reshape(value, []);
      mendTape(start);
      return scalar;
    };
    try {
      // TensorFlow.js refuses an empty list. A tree without tensors has an empty gradient.
      const { value, grads } =
        xs.length === 0 ? { value: inner(), grads: [] } : tf.engine().gradients(inner, xs, undefined, true);
      const dense = xs.map((x, i) => grads[i] ?? tf.zerosLike(x));
      const aux = tree.map((t) => tf.clone(t as tf.Tensor), kept as TensorTree) as A;
      return { value: value as tf.Scalar, grad: tree.unflatten(structure, dense) as P, aux };
    } catch (error) {
      clearTape();
      throw error;
    } finally {
      if (kept !== undefined) tree.dispose(kept as TensorTree);
    }
  });
}

/**
 * Differentiates `fn` with respect to every tensor of the tree `params`.
 *
 * Gradients may be nested: `fn` may take gradients itself, of values computed from `params` or of
 * captured ones. The outer gradient differentiates them. An inner gradient treats values that do
 * not come from its own parameters as constants.
 *
 * @param fn returns a scalar. With `{ hasAux: true }` it returns `[scalar, aux]`, and `aux` (any
 *   tree of tensors) is returned beside the gradient.
 * @returns a function from `(params, ...rest)` to `{ value, grad }`. `grad` is a tree like
 *   `params`; a leaf that `fn` does not use has gradient zero.
 * @throws ValidationError when `fn` does not return a scalar.
 * @throws EngineError for a kernel that has no gradient. Inside another gradient, also for a kernel
 *   whose gradient is not proven to be differentiable. Also inside the forward function of
 *   `tf.customGrad`.
 */
export function valueAndGrad<P extends TensorTree, R extends unknown[], A extends TensorTree>(
  fn: (params: P, ...rest: R) => readonly [tf.Tensor, A],
  options: { hasAux: true },
): (params: P, ...rest: R) => { value: tf.Scalar; grad: P; aux: A };
export function valueAndGrad<P extends TensorTree, R extends unknown[]>(
  fn: (params: P, ...rest: R) => tf.Tensor,
): (params: P, ...rest: R) => { value: tf.Scalar; grad: P };
export function valueAndGrad<P extends TensorTree, R extends unknown[], A extends TensorTree>(
  fn: (params: P, ...rest: R) => tf.Tensor | readonly [tf.Tensor, A],
  options?: { hasAux: true },
): (params: P, ...rest: R) => { value: tf.Scalar; grad: P; aux?: A } {
  return (params, ...rest) => {
    if (options?.hasAux) {
      return differentiate((p: P) => fn(p, ...rest) as readonly [tf.Tensor, A], params);
    }
    const { value, grad } = differentiate((p: P) => [fn(p, ...rest) as tf.Tensor, []], params);
    return { value, grad };
  };
}

/**
 * The gradient of {@link valueAndGrad} alone: `grad(fn)(params, ...rest)` is a tree like `params`.
 */
export function grad<P extends TensorTree, R extends unknown[]>(
  fn: (params: P, ...rest: R) => tf.Tensor,
): (params: P, ...rest: R) => P {
  return (params, ...rest) => tidy(() => valueAndGrad(fn)(params, ...rest).grad);
}
