/** The start of chains: a kernel's first state, checked to be finite. */
import { compile } from "@ergodic/engine";
import { tree, type TensorTree } from "@ergodic/tensor";
import { assertFiniteState, chainCount } from "./chains.js";
import type { Kernel, KernelInfo, KernelState } from "./kernel.js";

/** Compiles `init` and checks that the states it gives are finite. */
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

/**
 * A kernel's first state, checked to be finite together with the energy and gradient that
 * `evaluate` gives there.
 */
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
