/** Removes dead code: values that no output needs. */
import { ById, type Graph, type GraphNode, type Value } from "../graph.js";

/** Keeps the inputs, constants and nodes that an output depends on. */
export function removeDeadCode(graph: Graph): Graph {
  const live = new ById<true>();
  for (const id of graph.outputs) live.set(id, true);
  const isLive = ({ id }: Value): boolean => live.get(id) === true;
  const nodes: GraphNode[] = [];
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some(isLive)) continue;
    nodes.push(node);
    for (const { id } of node.inputs) live.set(id, true);
  }
  return {
    ...graph,
    inputs: graph.inputs.filter(({ value }) => isLive(value)),
    constants: graph.constants.filter(({ value }) => isLive(value)),
    nodes: nodes.reverse(),
  };
}
