/** Finds the values of a graph that have rows. */
import { specOf, valuesOf, writersOf, type Graph, type GraphNode, type Value } from "../graph.js";
import { numberedIndices } from "./numbered.js";
import { possibleRows, same, type Rows } from "./rows.js";
import { rowRules, type Operand } from "./rules.js";

export interface FoundRows {
  /** The number of rows. */
  readonly count: number;
  /** The rows of each value that has some, by its id. */
  readonly of: ReadonlyMap<number, Rows>;
  /** Those of them that are computed as a whole, whose rows are then taken: inputs and constants too. */
  readonly taken: ReadonlySet<number>;
  /** The constants that number the rows for gathering and scattering (see `numbered.ts`). */
  readonly numbers: ReadonlySet<number>;
}

const FEWEST_DRAWS = 4;
/** Programs of more outputs learn. Their inputs that become outputs are parameters. */
const MOST_OUTPUTS = 8;
/** Every round finds further values whose rows are taken. Graphs of models need about three. */
const MOST_ROUNDS = 16;

/** The draws of a chain have a row for each chain: those of the most frequent length. */
function drawsOf(graph: Graph): Value[] {
  const byLength = new Map<number, Value[]>();
  for (const { value, source } of graph.inputs) {
    if (source.kind !== "random" || value.shape.length < 2) continue;
    const [length] = value.shape as [number];
    const known = byLength.get(length);
    if (known === undefined) byLength.set(length, [value]);
    else known.push(value);
  }
  const [best = []] = [...byLength.values()].sort((a, b) => b.length - a.length);
  return best.length >= FEWEST_DRAWS ? best : [];
}

/** The inputs that become outputs, as the positions of a chain do. */
function positionsOf(graph: Graph): Value[] {
  if (graph.outputs.length > MOST_OUTPUTS) return [];
  const values = valuesOf(graph);
  const results = new Set(graph.outputs.map((id) => specOf(values.get(id)!)));
  return graph.inputs.map(({ value }) => value).filter((value) => value.shape.length > 1 && results.has(specOf(value)));
}

/**
 * Values that may have a row for each chain along their first axis, in sets: the draws, or else
 * each position alone.
 */
export function seedsOf(graph: Graph): Value[][] {
  const draws = drawsOf(graph);
  const sets = draws.length > 0 ? [draws] : positionsOf(graph).map((value) => [value]);
  return sets.filter(([first]) => first!.shape[0]! > 1);
}

/**
 * The rows of a graph's values: those of the seeds, which are inputs, and of all that is computed
 * from them row by row. Undefined where the search does not end.
 *
 * An input or a constant has rows where a value with rows needs them. A value that depends on
 * several rows has none, and nothing computed from it has.
 */
export function findRows(graph: Graph, seeds: readonly Value[]): FoundRows | undefined {
  const count = seeds[0]!.shape[0]!;
  const values = valuesOf(graph);
  const { indices, numbers } = numberedIndices(graph);
  const writers = writersOf(graph.nodes);
  const taken = new Map<number, Rows>(seeds.map(({ id }) => [id, { axis: 0, per: 1 }]));
  let of = new Map<number, Rows>();
  let mixed = new Set<number>();
  for (let round = 0; ; round++) {
    if (round === MOST_ROUNDS) return undefined;
    const known = [...taken.keys()].join();
    of = new Map(taken);
    mixed = new Set();
    for (const node of graph.nodes) visit(node);
    if ([...taken.keys()].join() === known) break;
  }
  return { count, of, taken: new Set(taken.keys()), numbers };

  function visit(node: GraphNode): void {
    const ids = node.inputs.map(({ id }) => id);
    const outputs = node.outputs.map(({ id }) => id);
    if (ids.every((id) => !of.has(id) && !mixed.has(id))) return;
    // A node of which rows were to be taken, and whose inputs have been found to have rows since.
    for (const id of outputs) if (taken.delete(id)) of.delete(id);
    if (ids.some((id) => mixed.has(id))) {
      for (const id of outputs) mixed.add(id);
    } else {
      const rows = rowsAfter(node) ?? demandFor(node);
      for (const id of outputs) {
        if (rows === undefined) mixed.add(id);
        else of.set(id, rows);
      }
    }
  }

  /** The rows after a node, if the inputs `wanted` had those rows too. */
  function rowsAfter(node: GraphNode, wanted: ReadonlyMap<number, Rows> = new Map()): Rows | undefined {
    const operands = node.inputs.map(({ name, id }): Operand => ({
      ...{ name, shape: values.get(id)!.shape },
      ...{ rows: wanted.get(id) ?? of.get(id), isNumbered: indices.has(id) },
    }));
    return rowRules[node.kernel]?.(operands, node, count);
  }

  /** Inputs of a node that have no rows yet, each with rows that they may have. */
  function wishes(node: GraphNode): ReadonlyMap<number, Rows>[] {
    const open = [...new Set(node.inputs.map(({ id }) => id))].filter((id) => !of.has(id) && !mixed.has(id));
    const single = open.flatMap((id) => possibleRows(shapeOf(id), count).map((rows) => new Map([[id, rows]])));
    if (open.length < 2) return single;
    const first = possibleRows(shapeOf(open[0]!), count);
    return [...single, ...first.map((rows) => new Map(open.map((id) => [id, rows])))];
  }

  /** The rows after a node that has some once further inputs have them. */
  function demandFor(node: GraphNode): Rows | undefined {
    for (const wish of wishes(node)) {
      const rows = rowsAfter(node, wish);
      if (rows === undefined) continue;
      for (const [id, one] of wish) demand(id, one);
      return rows;
    }
    return undefined;
  }

  /** Gives a value rows: by giving them to what it is computed from where that helps, else by taking them. */
  function demand(id: number, rows: Rows): void {
    const writer = writers.get(id);
    const wish = writer && wishes(writer).find((one) => same(rowsAfter(writer, one), rows));
    if (wish === undefined) taken.set(id, rows);
    else for (const [input, one] of wish) demand(input, one);
    of.set(id, rows);
  }

  function shapeOf(id: number): Value["shape"] {
    return values.get(id)!.shape;
  }
}
