/** Explains an executor's failure in terms of the compiled function. */
import { describeOrigin } from "./debug.js";
import { EngineError } from "./errors.js";
import { specOf, type Graph, type GraphNode } from "./graph.js";

/** The name of a node in executors' messages: its kernel and its index in `graph.nodes`. */
export const nodeName = (node: GraphNode, index: number): string => `${node.kernel}#${index}`;

const COUNTED_FROM_ZERO = " Its indices must lie between 0 and the size of their axis, without it.";

/**
 * Requirements of kernels on numbers that are known at run time only. Each engine words them
 * differently.
 */
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
 * An error that names the failed TensorFlow.js kernel, its result and, in debug mode, the user's
 * line.
 *
 * The executor's message holds the node's name (see {@link nodeName}). Without a node's name the
 * result only passes the message on.
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
