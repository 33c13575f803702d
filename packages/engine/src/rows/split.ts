/**
 * Splits a graph into a part that is computed row by row and the rest.
 *
 * Threads run the first part on some of the rows each. They need not wait for one another at every
 * kernel, which in chains of small kernels takes longer than the kernels.
 */
import { freshIds, sizeOf, valuesOf, type Graph, type GraphInput, type GraphNode, type Value } from "../graph.js";
import { removeDeadCode } from "../passes/dead-code.js";
import { multiplyAddsOf } from "../work.js";
import { connected } from "./connected.js";
import { findRows, seedsOf, type FoundRows } from "./find-rows.js";
import { stepOf } from "./rules.js";
import { shapeOfRows, takeRows, type Range, type Rows } from "./rows.js";

/** A value that the first part hands over, with its rows. */
export interface Handed {
  readonly value: Value;
  readonly rows: Rows;
}

export interface Split {
  readonly count: number;
  /** Parts begin at multiples of this. */
  readonly step: number;
  /** The rows of inputs of the graph that have some, by their ids. */
  readonly rows: ReadonlyMap<number, Rows>;
  /** What the first part computes, in the order of its outputs. */
  readonly handed: readonly Handed[];
  /** The first part on some rows. */
  part(range: Range): Graph;
  /**
   * The rest. Handed values are inputs among those of the graph. Undefined if every output of the
   * graph is handed.
   */
  readonly rest: Graph | undefined;
}

/**
 * Estimated nanoseconds of a node on one thread: a multiply-add, a number of the result, and the call
 * of a kernel.
 */
const COSTS = { multiplyAdd: 0.02, number: 0.3, call: 1500 };
/** What is read and written again to hand over a number. */
const HANDING = 4;
/** Of the work on rows, what may be added to it. */
const MOST_ADDED = 0.15;

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

/** Those that `belongs` accepts, and the others. */
const partition = <T>(items: readonly T[], belongs: (item: T) => boolean): [T[], T[]] => [
  items.filter(belongs),
  items.filter((item) => !belongs(item)),
];

/**
 * The split of a graph, or undefined where it does not pay.
 *
 * @param leastWork estimated nanoseconds of work on rows, on one thread
 */
export function splitByRows(graph: Graph, leastWork: number): Split | undefined {
  for (const seeds of seedsOf(graph)) {
    const found = findRows(graph, seeds);
    const split = found && splitWith(found, graph, leastWork);
    if (split !== undefined) return split;
  }
  return undefined;
}

function splitWith(found: FoundRows, graph: Graph, leastWork: number): Split | undefined {
  const { count, of, taken } = found;
  const values = valuesOf(graph);
  const numbersIn = (tensors: readonly Value[]): number => sum(tensors.map(({ shape }) => sizeOf(shape)));
  const timeOf = (nodes: readonly GraphNode[]): number =>
    COSTS.call * nodes.length +
    COSTS.multiplyAdd * sum(nodes.map((node) => multiplyAddsOf(node, values))) +
    COSTS.number * numbersIn(nodes.flatMap(({ outputs }) => outputs));
  const canSplit = (node: GraphNode): boolean => node.outputs.every(({ id }) => of.has(id) && !taken.has(id));
  const [candidates, mixing] = partition(graph.nodes, canSplit);
  const read = new Set([...graph.outputs, ...mixing.flatMap(({ inputs }) => inputs.map(({ id }) => id))]);
  const handedBy = (nodes: readonly GraphNode[]): Value[] =>
    nodes.flatMap(({ outputs }) => outputs).filter(({ id }) => read.has(id));
  const handing = (nodes: readonly GraphNode[]): number => HANDING * numbersIn(handedBy(nodes));

  const paying = connected(candidates).filter((nodes) => handing(nodes) <= MOST_ADDED * timeOf(nodes));
  const byRows = new Set(paying.flat());
  const [split, others] = partition(graph.nodes, (node) => byRows.has(node));
  const handed = handedBy(split).map((value): Handed => ({ value, rows: of.get(value.id)! }));
  const first = removeDeadCode({ ...graph, outputs: handed.map(({ value }) => value.id) });
  const [, repeated] = partition(first.nodes, (node) => byRows.has(node));
  const work = timeOf(split);
  if (split.length === 0 || work < leastWork || timeOf(repeated) + handing(split) > MOST_ADDED * work) return undefined;

  const asInput = ({ value }: Handed, leaf: number): GraphInput => ({ value, source: { kind: "argument", leaf } });
  const written = new Set(handed.map(({ value }) => value.id));
  return {
    count,
    step: stepOf(split),
    rows: of,
    handed,
    part: (range) => rowsOf(first, byRows, found, range),
    rest: graph.outputs.every((id) => written.has(id))
      ? undefined
      : removeDeadCode({ ...graph, inputs: [...graph.inputs, ...handed.map(asInput)], nodes: others }),
  };
}

/** Some rows of a graph whose outputs have rows. Nodes that are not computed by rows are whole. */
function rowsOf(graph: Graph, byRows: ReadonlySet<GraphNode>, { count, of, numbers }: FoundRows, range: Range): Graph {
  const freshId = freshIds(graph);
  const cut = (value: Value): Value => {
    const rows = of.get(value.id);
    return rows === undefined ? value : { ...value, shape: shapeOfRows(value, rows, range) };
  };
  /** A node whose result is a whole, and one that takes the rows. */
  const taking = (node: GraphNode): GraphNode[] => {
    const renamed = node.outputs.map((value) => (of.has(value.id) ? { ...value, id: freshId() } : value));
    const slices = node.outputs.flatMap((value, i): GraphNode[] => {
      const rows = of.get(value.id);
      if (rows === undefined) return [];
      const begin = value.shape.map((_, axis) => (axis === rows.axis ? range.from * rows.per : 0));
      const output = cut(value);
      const attrs = { begin, size: output.shape };
      return [{ kernel: "Slice", inputs: [{ name: "x", id: renamed[i]!.id }], attrs, outputs: [output] }];
    });
    return [{ ...node, outputs: renamed }, ...slices];
  };
  return {
    inputs: graph.inputs.map((input) => ({ ...input, value: cut(input.value) })),
    constants: graph.constants.map(({ value, data }) => {
      const rows = of.get(value.id);
      const place = numbers.has(value.id) ? { from: 0, to: range.to - range.from } : range;
      return { value: cut(value), data: rows === undefined ? data : takeRows(data, value, rows, count, place) };
    }),
    nodes: graph.nodes.flatMap((node) =>
      byRows.has(node) ? [withShape({ ...node, outputs: node.outputs.map(cut) })] : taking(node),
    ),
    outputs: graph.outputs,
  };
}

/** Attributes that repeat the shape of the result. */
const SHAPES: Readonly<Record<string, string>> = { Reshape: "shape", Slice: "size" };

function withShape(node: GraphNode): GraphNode {
  const attribute = SHAPES[node.kernel];
  return attribute === undefined ? node : { ...node, attrs: { ...node.attrs, [attribute]: node.outputs[0]!.shape } };
}
