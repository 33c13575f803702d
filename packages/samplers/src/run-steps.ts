/**
 * Several steps of a kernel as one pure expression: short-run chains inside a compiled function.
 */
import * as tf from "@tensorflow/tfjs-core";
import { assertCount, random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import { assertStep, type Kernel, type KernelInfo, type KernelState } from "./kernel.js";

/**
 * One step per key from a state, as `runSteps` makes them, for chains in several programs.
 *
 * Each step is in a scope of its own, so that an eager engine frees intermediate tensors at once.
 */
export function advance<X extends TensorTree, S extends KernelState<X>, I extends KernelInfo>(
  kernel: Kernel<X, S, I>,
  start: S,
  keys: readonly Key[],
): { state: S; info: I } {
  let last: { state: S; info: I } | undefined;
  for (const key of keys) {
    const before = last;
    last = tf.tidy(() => {
      const [state, info] = kernel.step(before?.state ?? start, key);
      return { state, info } as tf.TensorContainer;
    }) as { state: S; info: I };
    if (before !== undefined) disposeUnlessHeld(before, [start, last]);
  }
  return last!;
}

/**
 * Frees the tensors of a step's result that `holders` (the next result, the caller's state) do not
 * contain.
 */
function disposeUnlessHeld(result: TensorTree, holders: TensorTree): void {
  const held = new Set(tree.leaves(holders).map((tensor) => tensor.id));
  for (const tensor of tree.leaves(result)) if (!held.has(tensor.id)) tensor.dispose();
}

/** Most steps of one expression: each becomes part of the program. */
const mostUnrolled = 100_000;

export interface RunStepsOptions {
  /** How many steps, at least 1. */
  readonly steps: number;
  /**
   * Step i uses the i-th key folded out of this one, as `runChain` does, so both give the same
   * chain.
   */
  readonly key: Key;
}

/**
 * `steps` steps of `kernel` from `position`, pure and unrolled, for use inside `compile`. Outside,
 * `runChain` compiles.
 *
 * The result is constant to gradients: to use it in a loss, call this outside the differentiated
 * function.
 *
 * @returns the final position and the last step's report.
 * @throws ValidationError when `steps` is not an integer from 1 to 100,000, or for a kernel that
 *   the host runs, as `nuts`.
 */
export function runSteps<X extends TensorTree, S extends KernelState<X>, I extends KernelInfo>(
  kernel: Kernel<X, S, I>,
  position: X,
  { steps, key }: RunStepsOptions,
): { position: X; info: I } {
  assertCount({ steps }, mostUnrolled, "longer chains run with runChain");
  assertStep(kernel, "runSteps");
  const keys = Array.from({ length: steps }, (_, i) => random.fold(key, i));
  const { state, info } = advance(kernel, kernel.init(position), keys);
  return { position: state.position, info };
}
