/**
 * Common subexpression elimination: merges equal draws, equal constants, and equal kernels on equal
 * inputs.
 */
import { specOf, type Graph, type GraphNode } from "../graph.js";
import { fillOf, hashOf, sameBits } from "./constants.js";
import { exactText } from "./exact-text.js";
import { renameInputs } from "./rewrite.js";

/**
 * Merges nodes of the same kernel, attributes and inputs, equal constants, and equal draws of one
 * key.
 */
export function mergeCommonSubexpressions(graph: Graph): Graph {
  const replacement = new Map<number, number>();
  const current = (id: number): number => replacement.get(id) ?? id;
  const seen = new Map<string, readonly number[]>();
  /** Whether `key` was seen before. If so, `ids` are replaced by the values seen then. */
  const merged = (key: string, ids: readonly number[]): boolean => {
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, ids);
      return false;
    }
    ids.forEach((id, i) => replacement.set(id, first[i]!));
    return true;
  };
  const inputs = graph.inputs.filter(({ value, source }) => !merged(exactText(source), [value.id]));
  const alike = new Map<string, Graph["constants"][number][]>();
  const constants = graph.constants.filter((constant) => {
    const { value, data } = constant;
    const fill = fillOf(data);
    if (fill !== undefined) return !merged(`${specOf(value)} of ${exactText(fill)}`, [value.id]);
    const key = `${specOf(value)}:${hashOf(data)}`;
    const candidates = alike.get(key) ?? [];
    const first = candidates.find((candidate) => sameBits(candidate.data, data));
    if (first === undefined) alike.set(key, candidates.concat(constant));
    else replacement.set(value.id, first.value.id);
    return first === undefined;
  });
  const nodes: GraphNode[] = [];
  for (const recorded of graph.nodes) {
    const node = renameInputs(recorded, current);
    const key = `${node.kernel}(${node.inputs.map(({ name, id }) => `${name}=${id}`).join()})${exactText(node.attrs)}`;
    const ids = node.outputs.map((value) => value.id);
    if (!merged(key, ids)) nodes.push(node);
  }
  return replacement.size === 0 ? graph : { inputs, constants, nodes, outputs: graph.outputs.map(current) };
}
