/** Walks a graph once, in order, and replaces nodes by what a rule says of them. */
import { valuesOf, type Constant, type Graph, type GraphNode, type TypedArray, type Value } from "../graph.js";

/** The most numbers a pass may add to a graph as one constant: more would weigh more than the work they save. */
export const LARGEST_CONSTANT = 65_536;

/** What a rule may ask about the values a node reads. */
export interface Known {
  spec(id: number): Value;
  /** The numbers of a value that is the same at every call. */
  constant(id: number): TypedArray | undefined;
  /** The node that writes a value, as rewritten so far. */
  writer(id: number): GraphNode | undefined;
}

/** What takes a node's place: another node with the same outputs, a value that exists already, or the outputs' numbers. */
export type Replacement =
  { readonly node: GraphNode } | { readonly value: number } | { readonly constants: readonly TypedArray[] };

export type Rule = (node: GraphNode, known: Known) => Replacement | undefined;

/** The same node with every input replaced by what now stands for it. */
export function renameInputs(node: GraphNode, current: (id: number) => number): GraphNode {
  if (node.inputs.every(({ id }) => current(id) === id)) return node;
  return { ...node, inputs: node.inputs.map(({ name, id }) => ({ name, id: current(id) })) };
}

/** The graph after one walk; the very same object when the rule had nothing to say. */
export function rewrite(graph: Graph, rule: Rule): Graph {
  const specs = valuesOf(graph);
  const aliases = new Map<number, number>();
  const writers = new Map<number, GraphNode>();
  const constants = new Map<number, Constant>(graph.constants.map((constant) => [constant.value.id, constant]));
  const nodes: GraphNode[] = [];
  let changed = false;
  const current = (id: number): number => aliases.get(id) ?? id;
  const known: Known = {
    spec: (id) => specs.get(id)!,
    constant: (id) => constants.get(id)?.data,
    writer: (id) => writers.get(id),
  };
  for (const recorded of graph.nodes) {
    let node = renameInputs(recorded, current);
    let replacement = rule(node, known);
    changed ||= replacement !== undefined;
    while (replacement !== undefined && "node" in replacement) {
      node = replacement.node;
      replacement = rule(node, known);
    }
    if (replacement === undefined) {
      nodes.push(node);
      for (const { id } of node.outputs) writers.set(id, node);
    } else if ("value" in replacement) {
      aliases.set(node.outputs[0]!.id, replacement.value);
    } else {
      replacement.constants.forEach((data, i) => constants.set(node.outputs[i]!.id, { value: node.outputs[i]!, data }));
    }
  }
  return changed ? { ...graph, constants: [...constants.values()], nodes, outputs: graph.outputs.map(current) } : graph;
}
