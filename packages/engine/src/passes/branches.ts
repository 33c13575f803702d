/**
 * Turns selections by one boolean into a branch: only the side that is taken is computed.
 *
 * An optimiser that skips unsound updates selects between the old and the new value of every
 * parameter. As a branch it neither copies them nor keeps both.
 */
import { ById, sizeOf, specOf, valuesOf, writersOf, type Graph, type GraphNode, type TensorSpec } from "../graph.js";
import { inputOf } from "./arithmetic.js";
import { removeDeadCode } from "./dead-code.js";
import { inOrder } from "./in-order.js";

/** One side of a branch. It also reads values of the graph around it. */
export interface Side {
  readonly nodes: readonly GraphNode[];
  readonly outputs: readonly number[];
}

/** Selections that compute and select fewer numbers than this in all cost less than a branch. */
const FEWEST_NUMBERS = 10_000;

/** These also take time for every number that they read. */
const REDUCTIONS = new Set(["Sum", "Prod", "Mean", "Max", "Min", "All", "Any", "ArgMax", "ArgMin"]);

const COPIES = new Set(["Tile", "Reshape", "ExpandDims", "BroadcastTo"]);

/**
 * The graph with nodes of the kernel `Branch`, whose attributes `then` and `otherwise` are sides
 * (see {@link Side}) and whose first input is the condition.
 */
export function branchOnSelections(graph: Graph): Graph {
  const values = valuesOf(graph);
  const writers = writersOf(graph.nodes);

  /** The single boolean that a condition copies, or undefined. */
  function booleanOf(id: number): number | undefined {
    const writer = writers.get(id);
    if (writer !== undefined && COPIES.has(writer.kernel)) return booleanOf(writer.inputs[0]!.id);
    return sizeOf(values.get(id)!.shape) === 1 ? id : undefined;
  }

  const groups = new Map<number, GraphNode[]>();
  for (const node of graph.nodes) {
    if (node.kernel !== "Select") continue;
    const condition = booleanOf(inputOf(node, "condition"));
    const [t, e] = [values.get(inputOf(node, "t"))!, values.get(inputOf(node, "e"))!];
    const broadcasts = [t, e].some((side) => specOf(side) !== specOf(node.outputs[0]!));
    if (condition === undefined || broadcasts) continue;
    const known = groups.get(condition);
    if (known === undefined) groups.set(condition, [node]);
    else known.push(node);
  }
  let nodes = graph.nodes;
  const savings = savingsOf(graph, values, groups);
  for (const [condition, selections] of groups) {
    if ((savings.get(condition) ?? 0) < FEWEST_NUMBERS) continue;
    nodes = withBranch({ ...graph, nodes }, condition, lastOf(nodes, selections));
  }
  return nodes === graph.nodes ? graph : removeDeadCode({ ...graph, nodes });
}

/**
 * The selections whose results no other one reads, not even through other nodes. What leads to them,
 * other selections included, can then be inside the branch.
 */
function lastOf(nodes: readonly GraphNode[], selections: readonly GraphNode[]): GraphNode[] {
  const chosen = new Set(selections);
  const above = new ById<true>();
  return [...nodes]
    .reverse()
    .filter((node) => {
      const isAbove = node.outputs.some(({ id }) => above.get(id));
      if (isAbove || chosen.has(node)) for (const { id } of node.inputs) above.set(id, true);
      return chosen.has(node) && !isAbove;
    })
    .reverse();
}

/** A side of the selections by a condition. */
interface Reader {
  readonly condition: number;
  readonly side: string;
}

/** The sides that two values have in common, from the outermost on. */
function commonSides(a: readonly Reader[], b: readonly Reader[]): readonly Reader[] {
  const differs = a.findIndex(({ condition, side }, i) => condition !== b[i]?.condition || side !== b[i].side);
  return differs < 0 ? a : a.slice(0, differs);
}

/**
 * How many numbers the selections by each condition select, or compute for one side alone, those
 * that reductions read included.
 */
function savingsOf(
  graph: Graph,
  values: Pick<ById<TensorSpec>, "get">,
  groups: ReadonlyMap<number, readonly GraphNode[]>,
): Map<number, number> {
  const conditions = new Map([...groups].flatMap(([id, nodes]) => nodes.map((node) => [node, id] as const)));
  /** The sides inside of which alone a value is read. */
  const readers = new ById<readonly Reader[]>();
  for (const id of graph.outputs) readers.set(id, []);
  const savings = new Map<number, number>();
  for (const node of [...graph.nodes].reverse()) {
    const sides = node.outputs.map(({ id }) => readers.get(id) ?? []).reduce(commonSides);
    const condition = conditions.get(node);
    const counted = REDUCTIONS.has(node.kernel) ? [values.get(node.inputs[0]!.id)!, ...node.outputs] : node.outputs;
    const size = counted.reduce((sum, value) => sum + sizeOf(value.shape), 0);
    const save = (id: number): unknown => savings.set(id, (savings.get(id) ?? 0) + size);
    for (const side of sides) save(side.condition);
    if (condition !== undefined) save(condition);
    for (const { name, id } of node.inputs) {
      const isSide = condition !== undefined && name !== "condition";
      const inside = isSide ? [...sides, { condition, side: name }] : sides;
      readers.set(id, commonSides(readers.get(id) ?? inside, inside));
    }
  }
  return savings;
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
  return inOrder([...graph.nodes.filter((node) => !inside.has(node)), branch]);
}

/** The nodes that are read on one side of the selections alone. */
function sideOf(graph: Graph, selections: readonly GraphNode[], name: "t" | "e"): Side {
  const others = new ById<true>();
  for (const id of graph.outputs) others.set(id, true);
  const chosen = new Set(selections);
  const own: GraphNode[] = [];
  for (const node of [...graph.nodes].reverse()) {
    const isChosen = chosen.has(node);
    const isOwn = !isChosen && !node.outputs.some(({ id }) => others.get(id));
    if (isOwn) own.push(node);
    else for (const input of node.inputs) if (!isChosen || input.name !== name) others.set(input.id, true);
  }
  return { nodes: own.reverse(), outputs: selections.map((node) => inputOf(node, name)) };
}
