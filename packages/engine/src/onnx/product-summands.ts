/**
 * Joins products of matrices with what is added to them, as ONNX Runtime's optimiser does in
 * programs of few kernels.
 */
import type { Graph, GraphNode } from "../graph.js";
import { factsOf, type Facts } from "./facts.js";
import { isProduct } from "./product-factors.js";

/** Whether no other product reads the transpose of a second factor, which is no constant. */
function isTransposedOnce({ inputs, attrs }: GraphNode, facts: Facts): boolean {
  const { id } = inputs.find(({ name }) => name === "b")!;
  const products = facts.usersOf(id).filter(({ attrs: other }) => other["transposeB"]);
  return Boolean(attrs["transposeB"]) && products.length === 1 && facts.constant(id) === undefined;
}

/** The graph with the input `sum` in products that one addition reads. */
export function fuseProductSummands(graph: Graph): Graph {
  const facts = factsOf(graph);
  const joined = new Map<GraphNode, GraphNode | undefined>();
  for (const node of graph.nodes) {
    if (node.kernel !== "Add") continue;
    const [{ id: first }, { id: second }] = node.inputs as [GraphNode["inputs"][0], GraphNode["inputs"][0]];
    for (const [id, sum] of [
      [first, second],
      [second, first],
    ] as const) {
      const product = facts.ownWriter(id);
      if (product?.kernel !== "BatchMatMul" || !isProduct(product, facts)) continue;
      if (product.outputs[0]!.shape.join() !== node.outputs[0]!.shape.join()) continue;
      joined.set(product, undefined);
      const attrs = { ...product.attrs, transposesOnce: isTransposedOnce(product, facts) };
      joined.set(node, {
        ...product,
        inputs: [...product.inputs, { name: "sum", id: sum }],
        attrs,
        outputs: node.outputs,
      });
      break;
    }
  }
  if (joined.size === 0) return graph;
  return { ...graph, nodes: graph.nodes.flatMap((node) => (joined.has(node) ? (joined.get(node) ?? []) : [node])) };
}
