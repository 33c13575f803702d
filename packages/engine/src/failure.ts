/** What failed inside an executor, in the words of the function that was compiled. */
import { describeOrigin } from "./debug.js";
import { EngineError } from "./errors.js";
import { specOf, type Graph, type GraphNode } from "./graph.js";

/** How executors call a node in their messages: its kernel and its place in `graph.nodes`. */
export const nodeName = (node: GraphNode, index: number): string => `${node.kernel}#${index}`;

const COUNTED_FROM_ZERO = " Its indices must lie between 0 and the size of their axis, without it.";

/** What kernels expect of numbers that are known at run time only; engines put it in their own words. */
const expectations: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    "GatherV2 GatherNd ScatterNd TensorScatterUpdate SparseToDense"
      .split(" ")
      .map((kernel) => [kernel, COUNTED_FROM_ZERO]),
  ),
  Bincount: " Its numbers must not be negative.",
  DenseBincount: " Its numbers must not be negative.",
};

/**
 * An executor's error as one that names the TensorFlow.js kernel behind it, its result, and in debug mode the user's line.
 *
 * The node is found by its name (see {@link nodeName}) in the error's message; without one only the message is passed on.
 */
export function explainFailure(graph: Graph, error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const index = /\b[A-Za-z]\w*#(\d+)/.exec(message)?.[1];
  const node = index === undefined ? undefined : graph.nodes[Number(index)];
  const place =
    node === undefined
      ? ""
      : `, in the kernel ${node.kernel} that makes ${node.outputs.map(specOf).join(", ")}.` +
        `${expectations[node.kernel] ?? ""}${describeOrigin(node.origin)}`;
  return new EngineError(`a compiled function failed${place}${place === "" ? ":" : " The engine says:"} ${message}`, {
    cause: error,
  });
}
