/** The states of kernels that move one position in turn. */
import type * as tf from "@tensorflow/tfjs-core";
import { fail, tree, type TensorTree } from "@ergodic/tensor";
import { assertStep, type Kernel, type KernelInfo, type KernelState } from "../kernel.js";
import { selectRows } from "../rows.js";

/**
 * `parts` are the states of the kernels, in their order. To start with a tuned kernel, put the
 * state of its warm-up in its place.
 */
export type ComposedState<X extends TensorTree> = { readonly position: X; readonly parts: readonly KernelState<X>[] };

/** The kernel's state after another kernel has moved the chains. */
export const stateAt = <X extends TensorTree>(kernel: Kernel<X>, state: KernelState<X>, position: X): KernelState<X> =>
  kernel.moveTo?.(state, position) ?? kernel.init(position);

/**
 * `init`, `moveTo` and `evaluate` of all kernels.
 *
 * @throws ValidationError when there is no kernel, or one without a step.
 */
export function composed<X extends TensorTree>(
  kernels: readonly Kernel<X>[],
  caller: string,
): Pick<Required<Kernel<X, ComposedState<X>, KernelInfo>>, "init" | "moveTo" | "evaluate"> {
  if (kernels.length === 0) fail(`${caller} has no kernel`, "at least one");
  kernels.forEach((kernel) => assertStep(kernel, caller));
  return {
    init: (position) => ({ position, parts: kernels.map((kernel) => kernel.init(position)) }),
    moveTo: ({ parts }, position) => ({
      position,
      parts: kernels.map((kernel, i) => stateAt(kernel, parts[i]!, position)),
    }),
    evaluate: (position) => ({ parts: kernels.map((kernel) => kernel.evaluate?.(position) ?? []) }),
  };
}

/**
 * A state after a step that only the chains in `mask` made.
 *
 * Tensors with the chains on their first axis change for those chains alone. Others, such as a
 * count of steps, change for all.
 */
export const keepOthers = <S extends TensorTree>(mask: tf.Tensor, after: S, before: S): S =>
  tree.zip(
    (now, then) => (now === then || now.shape[0] !== mask.size ? now : selectRows(mask, now, then)),
    after as TensorTree,
    before,
  ) as S;
