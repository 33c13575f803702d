/** Clean-up of recorded graphs: merge equal computations, then drop what no output needs. Neither changes a result. */
import { specOf, type Constant, type Graph, type GraphNode } from "./graph.js";

const LARGEST_MERGED_CONSTANT = 64;

/** Nodes of the same kernel, attributes and inputs become one, and so do small equal constants. */
export function mergeCommonSubexpressions(graph: Graph): Graph {
  const replacement = new Map<number, number>();
  const current = (id: number): number => replacement.get(id) ?? id;
  const seen = new Map<string, readonly number[]>();
  /** True when `key` was met before; its values then stand for `ids`. */
  const merged = (key: string, ids: readonly number[]): boolean => {
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, ids);
      return false;
    }
    ids.forEach((id, i) => replacement.set(id, first[i]!));
    return true;
  };
  const constants = graph.constants.filter(({ value, data }: Constant) => {
    if (data.length > LARGEST_MERGED_CONSTANT) return true;
    const bits = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).join();
    return !merged(`${specOf(value)}:${bits}`, [value.id]);
  });
  const nodes: GraphNode[] = [];
  for (const node of graph.nodes) {
    const inputs = node.inputs.map(({ name, id }) => ({ name, id: current(id) }));
    const key = `${node.kernel}(${inputs.map(({ name, id }) => `${name}=${id}`).join()})${JSON.stringify(node.attrs)}`;
    const ids = node.outputs.map((value) => value.id);
    if (!merged(key, ids)) nodes.push({ ...node, inputs });
  }
  return { ...graph, constants, nodes, outputs: graph.outputs.map(current) };
}

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

export const cleanUp = (graph: Graph): Graph => removeDeadCode(mergeCommonSubexpressions(graph));
