/** Session options: how the library runs a graph. */
import type { Graph } from "../graph.js";
import { encodeSessionOptions, type SessionOptions } from "./protocol.js";

/** Convolutions, pooling, resizing: kernels long enough to run concurrently. */
const onWindows = /Conv|Pool|Resize/;

/** Default options, with which a failure names its operation. */
export const tellingOptions = encodeSessionOptions({});

/**
 * The options of a session that runs this graph, as the bytes of a ConfigProto.
 *
 * On a GPU the options are the library's defaults. On a CPU:
 *
 * - The library's optimisation passes are off. The passes of this package have cleaned the graph.
 *   The library's passes double the time of the first call and make no program faster.
 * - Without convolutions, operations run one after another in one thread, each on all cores. They
 *   are so short that passing them to other threads costs more than it saves: a tenth in chains of
 *   matrix products.
 * - Gradients of convolutions gain as much from running concurrently, so graphs with convolutions
 *   keep the default.
 */
export function sessionOptions({ nodes }: Graph, onGpu: boolean): Uint8Array {
  if (onGpu) return tellingOptions;
  return encodeSessionOptions({
    ...withoutRewriting,
    ...(!nodes.some(({ kernel }) => onWindows.test(kernel)) && {
      experimental: { executorType: "SINGLE_THREADED_EXECUTOR" },
    }),
  });
}

const withoutRewriting: SessionOptions = { graphOptions: { rewriteOptions: { disableMetaOptimizer: true } } };

/** The options of a session that runs on the server of a cluster. */
export const clusterSessionOptions = (ofServer: SessionOptions, onGpu: boolean): Uint8Array =>
  encodeSessionOptions({ ...ofServer, ...(!onGpu && withoutRewriting) });
