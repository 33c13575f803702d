/** Removes dead code: values that no output needs. */
import type { Graph, GraphNode } from "../graph.js";

/** Keeps the inputs, constants and nodes that an output depends on. */
export function removeDeadCode(graph: Graph): Graph {
  const live = new Set(graph.outputs);
  const nodes: GraphNode[] = [];
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((value) => live.has(value.id))) continue;
    nodes.push(node);
    for (const { id } of node.inputs) live.add(id);
  }
  return {
    ...graph,
    inputs: graph.inputs.filter(({ value }) => live.has(value.id)),
    constants: graph.constants.filter(({ value }) => live.has(value.id)),
    nodes: nodes.reverse(),
  };
}
