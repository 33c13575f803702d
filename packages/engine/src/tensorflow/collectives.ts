/** Operations that all workers of a cluster run together. */
import { specOf, type Graph, type GraphNode } from "../graph.js";
import type { LoweringTable } from "./lowering.js";

const isCollective = ({ kernel }: GraphNode): boolean => kernel === "AllMean";

export const hasCollectives = ({ nodes }: Graph): boolean => nodes.some(isCollective);

/** All workers are one group. */
const GROUP = 1;

/**
 * Numbers the collective operations of a graph.
 *
 * TensorFlow matches the operations of different workers by a number, and counts the runs of
 * programs by the numbers of their operations. The numbers follow from the whole graph, so they
 * are the same on all workers and differ between programs.
 */
export function withInstances(graph: Graph): Graph {
  if (!hasCollectives(graph)) return graph;
  let hash = 0x811c9dc5;
  const add = (text: string): void => {
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  };
  for (const { kernel, attrs, outputs } of graph.nodes)
    add(`${kernel} ${String(attrs["patience"])} ${outputs.map(specOf).join()};`);
  let count = 0;
  const numbered = (node: GraphNode): GraphNode =>
    isCollective(node) ? { ...node, attrs: { ...node.attrs, instance: ((hash >>> 1) + count++) % 0x7fffffff } } : node;
  return { ...graph, nodes: graph.nodes.map(numbered) };
}

export const collectives: LoweringTable = {
  AllMean: ({ builder, inputs, specs, attrs }) =>
    builder.op("CollectiveReduce", inputs, {
      T: specs[0]!.dtype,
      group_size: attrs["workers"] as number,
      group_key: GROUP,
      instance_key: attrs["instance"] as number,
      merge_op: "Add",
      final_op: "Div",
      subdiv_offsets: [0],
      // 0 is no limit.
      timeout_seconds: { float: Number.isFinite(attrs["patience"]) ? (attrs["patience"] as number) : 0 },
    }),
};
