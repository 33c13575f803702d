/** How the library runs a graph, beyond what the graph says. */
import type { Graph } from "../graph.js";
import { encodeSessionOptions } from "./protocol.js";

/** Convolutions, pooling, resizing: kernels long enough to run beside one another. */
const onWindows = /Conv|Pool|Resize/;

/** Options under which a failure names its operation; they leave everything to the library. */
export const tellingOptions = encodeSessionOptions({});

/**
 * The options of a session that runs this graph, as the bytes of a ConfigProto.
 *
 * On a CPU the graph is run as it was lowered: the passes of this package have cleaned it, and those of the library double the time of
 * the first call and make no program faster. The operations of a graph without convolutions then run one after another in one thread,
 * each on all cores: they are so short that handing them to other threads costs more than it saves, in chains of matrix products a
 * tenth, while gradients of convolutions gain as much from running beside one another. On a GPU the library decides.
 */
export function sessionOptions({ nodes }: Graph, onGpu: boolean): Uint8Array {
  if (onGpu) return tellingOptions;
  return encodeSessionOptions({
    graphOptions: { rewriteOptions: { disableMetaOptimizer: true } },
    ...(!nodes.some(({ kernel }) => onWindows.test(kernel)) && {
      experimental: { executorType: "SINGLE_THREADED_EXECUTOR" },
    }),
  });
}
