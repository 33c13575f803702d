/** What failed inside an executor, in the words of the function that was compiled. */
import { describeOrigin } from "./debug.js";
import { EngineError } from "./errors.js";
import { specOf, type Graph, type GraphNode } from "./graph.js";

/** How executors call a node in their messages: its kernel and its place in `graph.nodes`. */
export const nodeName = (node: GraphNode, index: number): string => `${node.kernel}#${index}`;

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
      : `, in the kernel ${node.kernel} that makes ${node.outputs.map(specOf).join(", ")}.${describeOrigin(node.origin)}`;
  return new EngineError(`a compiled function failed${place}${place === "" ? ":" : " The engine says:"} ${message}`, {
    cause: error,
  });
}
