/** Moves small values that many nodes share in front of them. */
import { ById, sizeOf, writersOf, type GraphNode } from "../graph.js";

/** Numbers of a value that may wait for its readers. */
const MOST_NUMBERS = 4096;
/** Nodes between a value and its last reader, from which on it is shared by blocks of nodes. */
const FARTHEST = 100;

/**
 * The nodes, those first that compute small values from inputs and constants alone and are read far
 * behind. Otherwise the first of several equal blocks, such as the steps of a chain, would differ
 * from the others by what it computes for all of them.
 */
export function earlyFirst(nodes: readonly GraphNode[]): readonly GraphNode[] {
  const writers = writersOf(nodes);
  const possible = new Set<GraphNode>();
  for (const node of nodes) {
    const isSmall = node.outputs.every(({ shape }) => sizeOf(shape) <= MOST_NUMBERS);
    const isReady = ({ id }: { readonly id: number }): boolean => {
      const writer = writers.get(id);
      return writer === undefined || possible.has(writer);
    };
    if (isSmall && node.inputs.every(isReady)) possible.add(node);
  }
  const lastReads = new ById<number>();
  const early = new Set<GraphNode>();
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i]!;
    const isEarly = possible.has(node) && node.outputs.some(({ id }) => (lastReads.get(id) ?? i) - i > FARTHEST);
    if (isEarly) early.add(node);
    for (const { id } of node.inputs)
      if (isEarly || lastReads.get(id) === undefined) lastReads.set(id, isEarly ? Infinity : i);
  }
  return early.size === 0 ? nodes : [...early].reverse().concat(nodes.filter((node) => !early.has(node)));
}
