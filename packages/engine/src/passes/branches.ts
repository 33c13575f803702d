/**
 * Turns selections by one boolean into a branch: only the side that is taken is computed.
 *
 * An optimiser that skips unsound updates selects between the old and the new value of every
 * parameter. As a branch it neither copies them nor keeps both.
 */
import { util } from "@tensorflow/tfjs-core";
import { specOf, valuesOf, type Graph, type GraphNode, type Value } from "../graph.js";
import { inputOf } from "./arithmetic.js";
import { removeDeadCode } from "./dead-code.js";
import { inOrder } from "./in-order.js";

/** One side of a branch. It also reads values of the graph around it. */
export interface Side {
  readonly nodes: readonly GraphNode[];
  readonly outputs: readonly number[];
}

/** Selections of fewer numbers than this in all cost less than a branch. */
const FEWEST_NUMBERS = 10_000;

const COPIES = new Set(["Tile", "Reshape", "ExpandDims", "BroadcastTo"]);

const sizeOf = ({ shape }: Value): number => util.sizeFromShape([...shape]);

/**
 * The graph with nodes of the kernel `Branch`, whose attributes `then` and `otherwise` are sides
 * (see {@link Side}) and whose first input is the condition.
 */
export function branchOnSelections(graph: Graph): Graph {
  const values = valuesOf(graph);
  const writers = new Map(graph.nodes.flatMap((node) => node.outputs.map(({ id }) => [id, node] as const)));

  /** The single boolean that a condition copies, or undefined. */
  function booleanOf(id: number): number | undefined {
    if (sizeOf(values.get(id)!) === 1) return id;
    const writer = writers.get(id);
    return writer !== undefined && COPIES.has(writer.kernel) ? booleanOf(writer.inputs[0]!.id) : undefined;
  }

  const bySize = new Map<number, number>();
  const candidates = graph.nodes.flatMap((node) => {
    if (node.kernel !== "Select") return [];
    const condition = booleanOf(inputOf(node, "condition"));
    const [t, e] = [values.get(inputOf(node, "t"))!, values.get(inputOf(node, "e"))!];
    const broadcasts = [t, e].some((side) => specOf(side) !== specOf(node.outputs[0]!));
    if (condition === undefined || broadcasts) return [];
    bySize.set(condition, (bySize.get(condition) ?? 0) + sizeOf(node.outputs[0]!));
    return [{ node, condition }];
  });
  let nodes = graph.nodes;
  for (const [condition, size] of bySize) {
    if (size < FEWEST_NUMBERS) continue;
    const selections = candidates.filter((one) => one.condition === condition).map(({ node }) => node);
    nodes = withBranch({ ...graph, nodes }, condition, independent(nodes, selections));
  }
  return nodes === graph.nodes ? graph : removeDeadCode({ ...graph, nodes: inOrder(nodes) });
}

/** The selections that read no result of another one, not even through other nodes. */
function independent(nodes: readonly GraphNode[], selections: readonly GraphNode[]): GraphNode[] {
  const chosen = new Set(selections);
  const below = new Set<number>();
  return nodes.filter((node) => {
    const isBelow = node.inputs.some(({ id }) => below.has(id));
    if (isBelow || chosen.has(node)) for (const { id } of node.outputs) below.add(id);
    return chosen.has(node) && !isBelow;
  });
}

/** The nodes with one branch in place of the selections and of what they alone read. */
function withBranch(graph: Graph, condition: number, selections: readonly GraphNode[]): GraphNode[] {
  const sides = (["t", "e"] as const).map((name) => sideOf(graph, selections, name));
  const inside = new Set([...selections, ...sides.flatMap(({ nodes }) => nodes)]);
  const written = new Set([...inside].flatMap(({ outputs }) => outputs.map(({ id }) => id)));
  const read = sides.flatMap(({ nodes, outputs }) => [
    ...nodes.flatMap(({ inputs }) => inputs.map(({ id }) => id)),
    ...outputs,
  ]);
  const captured = [...new Set(read)].filter((id) => !written.has(id));
  const branch: GraphNode = {
    kernel: "Branch",
    inputs: [condition, ...captured].map((id, i) => ({ name: String(i), id })),
    attrs: { then: sides[0], otherwise: sides[1] },
    outputs: selections.map(({ outputs }) => outputs[0]!),
  };
  return [...graph.nodes.filter((node) => !inside.has(node)), branch];
}

/** The nodes that are read on one side of the selections alone. */
function sideOf(graph: Graph, selections: readonly GraphNode[], name: "t" | "e"): Side {
  const others = new Set(graph.outputs);
  const chosen = new Set(selections);
  const own: GraphNode[] = [];
  for (const node of [...graph.nodes].reverse()) {
    const isOwn = !chosen.has(node) && !node.outputs.some(({ id }) => others.has(id));
    if (isOwn) own.push(node);
    else for (const input of node.inputs) if (!chosen.has(node) || input.name !== name) others.add(input.id);
  }
  return { nodes: own.reverse(), outputs: selections.map((node) => inputOf(node, name)) };
}
