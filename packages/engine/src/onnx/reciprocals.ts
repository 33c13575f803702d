/** Computes 1/x by one operator. */
import type { Graph } from "../graph.js";
import { inputOf, isFilledWith } from "../passes/arithmetic.js";
import { rewrite } from "../passes/rewrite.js";

/**
 * The graph with the kernel `Reciprocal` in place of divisions of 1, which give the same numbers.
 *
 * ONNX Runtime 1.30 refuses models in which a result of the model is multiplied by a quotient 1/x:
 * it turns both into one division, and loses the name of the result.
 */
export const fuseReciprocals = (graph: Graph): Graph =>
  rewrite(graph, (node, known) => {
    const [output] = node.outputs;
    if (node.kernel !== "RealDiv" || output!.dtype !== "float32") return undefined;
    const [a, b] = [inputOf(node, "a"), inputOf(node, "b")];
    const isWhole = known.spec(b).shape.join() === output!.shape.join() && known.spec(b).dtype === "float32";
    if (!isWhole || !isFilledWith(known.constant(a), 1)) return undefined;
    return { node: { ...node, kernel: "Reciprocal", inputs: [{ name: "x", id: b }] } };
  });
