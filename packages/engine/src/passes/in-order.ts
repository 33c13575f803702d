/** Puts nodes in an order in which every value is written before it is read. */
import { writersOf, type GraphNode } from "../graph.js";

/** The nodes, each right before the first that needs it. Independent nodes keep their order. */
export function inOrder(nodes: readonly GraphNode[]): GraphNode[] {
  const writers = writersOf(nodes);
  const placed = new Set<GraphNode>();
  const sorted: GraphNode[] = [];
  for (const node of nodes) {
    const open = [node];
    for (let next = open.at(-1); next !== undefined; next = open.at(-1)) {
      const missing = next.inputs.flatMap(({ id }) => writers.get(id) ?? []).filter((writer) => !placed.has(writer));
      if (missing.length > 0) {
        open.push(...missing);
        continue;
      }
      open.pop();
      if (placed.has(next)) continue;
      placed.add(next);
      sorted.push(next);
    }
  }
  return sorted;
}
