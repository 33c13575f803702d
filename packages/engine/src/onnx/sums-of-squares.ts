/** Computes Σ x² in one pass, without the squares. */
import { readsOf, type Graph } from "../graph.js";
import { removeDeadCode } from "../passes/dead-code.js";
import { rewrite } from "../passes/rewrite.js";

/** The graph with the kernel `SumOfSquares` in place of sums of squares that nothing else reads. */
export function fuseSumsOfSquares(graph: Graph): Graph {
  const reads = readsOf(graph);
  const fused = rewrite(graph, (node, known) => {
    const [input] = node.inputs;
    const square = node.kernel === "Sum" ? known.writer(input!.id) : undefined;
    if (square?.kernel !== "Square" || reads.get(input!.id) !== 1 || node.outputs[0]!.dtype !== "float32") return;
    return { node: { ...node, kernel: "SumOfSquares", inputs: [{ name: "x", id: square.inputs[0]!.id }] } };
  });
  return removeDeadCode(fused);
}
