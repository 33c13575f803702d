/** Moves numbers that multiply an operand of a product into the product. */
import { sizeOf, type Graph, type GraphNode } from "../graph.js";
import { factsOf, type Facts } from "./facts.js";
import { scaledOf, type Scaled } from "./factors.js";

/** Inputs in which kernels are linear. */
const LINEAR: Readonly<Record<string, readonly string[]>> = {
  Multiply: ["a", "b"],
  LeakyReluGrad: ["dy"],
  ReluGrad: ["dy"],
  Reshape: ["x"],
  Transpose: ["x"],
};

/** Whether a node is a product of two matrices, with nothing added. Both have entries. */
export const isProduct = (node: GraphNode, facts: Facts): boolean =>
  node.outputs[0]!.shape.length === 2 &&
  (node.kernel === "BatchMatMul" || (node.kernel === "Gemm" && node.inputs.length === 2)) &&
  node.inputs.every(({ id }) => sizeOf(facts.shapeOf(id)) > 0);

/** The graph with `Gemm` in place of products with such factors. Results change by rounding. */
export function fuseProductFactors(graph: Graph): Graph {
  const facts = factsOf(graph);
  const replaced = new Map<GraphNode, GraphNode | undefined>();

  /** The value without the factors in it, for its only reader. */
  function withoutFactor(id: number): Scaled {
    const node = facts.ownWriter(id);
    if (node === undefined) return { factor: 1, id };
    const scaled = scaledOf(node, facts);
    if (scaled !== undefined) {
      replaced.set(node, undefined);
      const inner = withoutFactor(scaled.id);
      return { factor: scaled.factor * inner.factor, id: inner.id };
    }
    return { factor: withoutFactors(node, LINEAR[node.kernel] ?? []), id };
  }

  /** The product of the factors in these inputs, which the node then lacks. */
  function withoutFactors(node: GraphNode, names: readonly string[]): number {
    let factor = 1;
    const inputs = node.inputs.map(({ name, id }) => {
      if (!names.includes(name)) return { name, id };
      const inner = withoutFactor(id);
      factor *= inner.factor;
      return { name, id: inner.id };
    });
    if (inputs.some(({ id }, i) => id !== node.inputs[i]!.id)) replaced.set(node, { ...node, inputs });
    return factor;
  }

  for (const node of graph.nodes) {
    if (node.kernel !== "BatchMatMul" || !isProduct(node, facts)) continue;
    const alpha = withoutFactors(node, ["a", "b"]);
    if (alpha === 1) continue;
    replaced.set(node, { ...(replaced.get(node) ?? node), kernel: "Gemm", attrs: { ...node.attrs, alpha, beta: 0 } });
  }
  if (replaced.size === 0) return graph;
  return { ...graph, nodes: graph.nodes.flatMap((node) => (replaced.has(node) ? (replaced.get(node) ?? []) : [node])) };
}
