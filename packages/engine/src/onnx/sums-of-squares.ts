/** Computes Σ x² in one pass, without the squares. */
import type { Graph } from "../graph.js";
import { removeDeadCode } from "../passes/dead-code.js";
import { rewrite } from "../passes/rewrite.js";

/**
 * The graph with the kernel `SumOfSquares` in place of sums of squares.
 *
 * Squares that are also read elsewhere, as by Adam, are computed there, so that they do not lie in
 * memory meanwhile.
 */
export function fuseSumsOfSquares(graph: Graph): Graph {
  const fused = rewrite(graph, (node, known) => {
    const [input] = node.inputs;
    const square = node.kernel === "Sum" ? known.writer(input!.id) : undefined;
    if (square?.kernel !== "Square" || node.outputs[0]!.dtype !== "float32") return;
    return { node: { ...node, kernel: "SumOfSquares", inputs: [{ name: "x", id: square.inputs[0]!.id }] } };
  });
  return removeDeadCode(fused);
}
