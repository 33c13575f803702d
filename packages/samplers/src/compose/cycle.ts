/**
 * Cycles: one step of each kernel in turn.
 *
 * If every kernel leaves the target invariant, so does their cycle, although it need not be
 * reversible. A local kernel followed by jumps of `independence` is the cheapest way to connect
 * separate modes. Tierney (1994), section 2.4.
 */
import { random, type TensorTree } from "@ergodic/tensor";
import type * as tf from "@tensorflow/tfjs-core";
import type { Kernel, KernelInfo, KernelState } from "../kernel.js";
import { composed, stateAt, type ComposedState } from "./parts.js";

/** The reports of the kernels, in their order. */
export type CycleInfo = { readonly parts: readonly KernelInfo[] };

/**
 * The kernel that makes one step of each kernel, in the given order.
 *
 * Every kernel evaluates its energy at the position where the one before it ended, so a step costs
 * one more gradient per kernel than the kernels alone.
 *
 * @throws ValidationError when there is no kernel, or one that the host runs, as `nuts`.
 */
export function cycle<X extends TensorTree = tf.Tensor>(
  kernels: readonly Kernel<X>[],
): Kernel<X, ComposedState<X>, CycleInfo> {
  return {
    ...composed(kernels, "cycle"),
    step(state, key) {
      const keys = random.split(key, kernels.length);
      const parts: KernelState<X>[] = [];
      const infos: KernelInfo[] = [];
      let { position } = state;
      kernels.forEach((kernel, i) => {
        const [next, info] = kernel.step(stateAt(kernel, state.parts[i]!, position), keys[i]!);
        parts.push(next);
        infos.push(info);
        position = next.position;
      });
      return [{ position, parts }, { parts: infos }];
    },
  };
}
