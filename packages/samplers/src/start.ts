/** Where the chains of a kernel begin: only where its first step finds numbers. */
import { compile } from "@ergodic/engine";
import { tree, type TensorTree } from "@ergodic/tensor";
import { assertFiniteState, chainCount } from "./chains.js";
import type { Kernel, KernelInfo, KernelState } from "./kernel.js";

/** The state `init` gives, checked to be finite. */
export function openInit<X extends TensorTree, S extends KernelState<X>>(
  init: (position: X) => S,
): { run(position: X): Promise<S>; dispose(): Promise<void> } {
  const compiled = compile((position: X) => init(position));
  return {
    async run(position) {
      chainCount(position);
      const state = await compiled(position);
      try {
        assertFiniteState(state);
        return state;
      } catch (error) {
        tree.dispose(state);
        throw error;
      }
    },
    dispose: () => compiled.dispose(),
  };
}

/** A kernel's first state, once it and what `evaluate` finds there are known to be finite. */
export function openStart<X extends TensorTree, S extends KernelState<X>>(
  kernel: Pick<Kernel<X, S, KernelInfo>, "init" | "evaluate">,
): ReturnType<typeof openInit<X, S>> {
  const opened = openInit((position: X): KernelState<X> => ({
    ...kernel.init(position),
    start: kernel.evaluate?.(position) ?? [],
  }));
  return {
    async run(position) {
      const { start, ...state } = await opened.run(position);
      tree.dispose(start!);
      return state as KernelState<X> as S;
    },
    dispose: () => opened.dispose(),
  };
}
