/** Traverses a graph once, in order, and replaces nodes as a rule says. */
import {
  ById,
  valuesOf,
  type Constant,
  type Graph,
  type GraphInput,
  type GraphNode,
  type TypedArray,
  type Value,
} from "../graph.js";

/**
 * Maximum size of a constant that a pass adds to a graph. A larger one costs more than it saves.
 */
export const LARGEST_CONSTANT = 65_536;

/** Facts about the values that a node reads. */
export interface Known {
  spec(id: number): Value;
  /** The numbers of a constant value. */
  constant(id: number): TypedArray | undefined;
  /** The node that writes a value, as rewritten so far. */
  writer(id: number): GraphNode | undefined;
}

/**
 * The replacement of a node: another node with the same outputs, an existing value, or the numbers
 * of the outputs.
 */
export type Replacement =
  { readonly node: GraphNode } | { readonly value: number } | { readonly constants: readonly TypedArray[] };

export type Rule = (node: GraphNode, known: Known) => Replacement | undefined;

/** The node with its current inputs. */
export function renameInputs(node: GraphNode, current: (id: number) => number): GraphNode {
  if (!node.inputs.some(({ id }) => current(id) !== id)) return node;
  return { ...node, inputs: node.inputs.map(({ name, id }) => ({ name, id: current(id) })) };
}

/**
 * Finds equal values: each method returns the earlier ones, and remembers the given ones if there
 * are none.
 */
export interface Equals {
  input(input: GraphInput): number | undefined;
  constant(constant: Constant): number | undefined;
  /** The outputs of an equal node. */
  node(node: GraphNode): readonly number[] | undefined;
}

/**
 * The graph after one traversal, in which equal values are merged if `equals` finds them. It is the
 * same object if nothing changed.
 */
export function rewrite(graph: Graph, rule: Rule, equals?: Equals): Graph {
  const specs = valuesOf(graph);
  const aliases = new ById<number>();
  const writers = new ById<GraphNode>();
  const nodes: GraphNode[] = [];
  let changed = false;
  const current = (id: number): number => aliases.get(id) ?? id;
  /** Whether a value has another id from now on. */
  const isMerged = (id: number, first: number | undefined): boolean => {
    if (first === undefined) return false;
    aliases.set(id, first);
    changed = true;
    return true;
  };
  const inputs = graph.inputs.filter((input) => !isMerged(input.value.id, equals?.input(input)));
  const constants = new Map<number, Constant>();
  const addConstant = (constant: Constant): void => {
    const { id } = constant.value;
    if (!isMerged(id, equals?.constant(constant))) constants.set(id, constant);
  };
  graph.constants.forEach(addConstant);
  const known: Known = {
    spec: (id) => specs.get(id)!,
    constant: (id) => constants.get(id)?.data,
    writer: writers.get,
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
      const first = equals?.node(node);
      if (first === undefined) {
        nodes.push(node);
        for (const { id } of node.outputs) writers.set(id, node);
      } else {
        node.outputs.forEach(({ id }, i) => isMerged(id, first[i]));
      }
    } else if ("value" in replacement) {
      aliases.set(node.outputs[0]!.id, replacement.value);
    } else {
      replacement.constants.forEach((data, i) => addConstant({ value: node.outputs[i]!, data }));
    }
  }
  if (!changed) return graph;
  return { inputs, constants: [...constants.values()], nodes, outputs: graph.outputs.map(current) };
}
