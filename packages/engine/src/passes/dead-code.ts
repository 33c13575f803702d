/** Removes dead code: values that no output needs. */
import { ById, type Graph, type GraphNode, type Value } from "../graph.js";

/**
 * Keeps the inputs, constants and nodes that an output depends on. It is the same object if that is
 * all of them.
 */
export function removeDeadCode(graph: Graph): Graph {
  const live = new ById<true>();
  for (const id of graph.outputs) live.set(id, true);
  const isLive = ({ id }: Value): boolean => live.get(id) === true;
  const nodes: GraphNode[] = [];
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const node = graph.nodes[i]!;
    if (!node.outputs.some(isLive)) continue;
    nodes.push(node);
    for (const { id } of node.inputs) live.set(id, true);
  }
  const inputs = graph.inputs.filter(({ value }) => isLive(value));
  const constants = graph.constants.filter(({ value }) => isLive(value));
  const isWhole =
    nodes.length === graph.nodes.length &&
    inputs.length === graph.inputs.length &&
    constants.length === graph.constants.length;
  return isWhole ? graph : { ...graph, inputs, constants, nodes: nodes.reverse() };
}
