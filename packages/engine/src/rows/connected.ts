/** Groups the nodes of a graph by what they read of one another. */
import type { GraphNode } from "../graph.js";

/**
 * The nodes in groups. Nodes of different groups read nothing of each other, directly or through
 * others.
 */
export function connected(nodes: readonly GraphNode[]): GraphNode[][] {
  const parents = new Map<GraphNode, GraphNode>();
  const rootOf = (node: GraphNode): GraphNode => {
    let root = node;
    for (let next = parents.get(root); next !== undefined; next = parents.get(root)) root = next;
    if (root !== node) parents.set(node, root);
    return root;
  };
  const writers = new Map<number, GraphNode>();
  for (const node of nodes) {
    for (const { id } of node.inputs) {
      const writer = writers.get(id);
      if (writer === undefined || rootOf(writer) === rootOf(node)) continue;
      parents.set(rootOf(node), rootOf(writer));
    }
    for (const { id } of node.outputs) writers.set(id, node);
  }
  const groups = new Map<GraphNode, GraphNode[]>();
  for (const node of nodes) {
    const root = rootOf(node);
    const group = groups.get(root);
    if (group === undefined) groups.set(root, [node]);
    else group.push(node);
  }
  return [...groups.values()];
}
