/**
 * Selections whose condition ONNX Runtime broadcasts by itself. Kernels of TensorFlow.js do not.
 */
import type { Graph } from "../graph.js";
import { inputOf } from "../passes/arithmetic.js";
import { sourceOf } from "../passes/broadcasts.js";
import { removeDeadCode } from "../passes/dead-code.js";
import { rewrite } from "../passes/rewrite.js";

/** The graph with the small tensor as condition in place of copies of it along axes. */
export function shrinkConditions(graph: Graph): Graph {
  const shrunk = rewrite(graph, (node, known) => {
    const source = node.kernel === "Select" ? sourceOf(inputOf(node, "condition"), known) : undefined;
    if (source === undefined) return undefined;
    const inputs = node.inputs.map((input) => (input.name === "condition" ? { ...input, id: source } : input));
    return { node: { ...node, inputs } };
  });
  return shrunk === graph ? graph : removeDeadCode(shrunk);
}
