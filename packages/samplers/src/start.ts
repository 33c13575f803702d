/** Where the chains of a kernel begin: only where its first step finds numbers. */
import { tree, type TensorTree } from "@ergodic/tensor";
import type { Kernel, KernelInfo, KernelState } from "./kernel.js";
import { openInit } from "./open-kernel.js";

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
