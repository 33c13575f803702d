/**
 * Finds blocks of nodes that a graph repeats, such as the steps of a chain.
 *
 * A program of one block and a count computes the same numbers as one that holds every block. It
 * loads faster and needs less memory.
 */
import { sizeOf, type Graph, type GraphNode } from "../graph.js";
import { periodsOf } from "./periods.js";
import { repetitionAt, type Repetition } from "./repetition.js";
import { Sequence } from "./sequence.js";

/** A turn of a loop costs about as much as a few nodes. */
const SMALLEST_BLOCK = 8;
const FEWEST_SAVED = 100;
/** Nodes of a first block that are looked through for what it takes over. */
const MOST_TAKING_OVER = 64;
/** What blocks may hand over for one more of them, as a share of what they compute. */
const MOST_HANDED = 1 / 16;

/** The nodes of a graph, with the longest repetitions in place of the nodes that they stand for. */
export function findRepetitions(graph: Graph): (GraphNode | Repetition)[] {
  const sequence = new Sequence(graph);
  const steps = (from: number, to: number): (GraphNode | Repetition)[] => {
    const best = longest(sequence, from, to);
    if (best === undefined) return sequence.nodes.slice(from, to);
    const { start, found } = best;
    return [...steps(from, start), found, ...steps(start + found.count * found.nodes.length, to)];
  };
  return steps(0, graph.nodes.length);
}

interface Placed {
  readonly start: number;
  readonly found: Repetition;
}

/** The repetition among nodes `from` to `to` that saves most nodes, and where it starts. */
function longest(sequence: Sequence, from: number, to: number): Placed | undefined {
  let best: Placed | undefined;
  let saved = FEWEST_SAVED - 1;
  for (const period of periodsOf(sequence, from, to)) {
    if (period < SMALLEST_BLOCK) continue;
    for (let first = from, end = from; first + period < to; first = end + 1) {
      for (end = first; end + period < to && sequence.repeats(end, period);) end++;
      const last = end + period;
      // A stretch below two periods holds no block and its repetition.
      if (last - first < 2 * period) continue;
      for (const begin of [withFirst(sequence, from, first, period), first]) {
        if (last - begin - period <= saved) continue;
        const start = leastCarried(sequence, begin, last, period);
        const count = Math.floor((last - start) / period);
        const found = (count - 1) * period > saved ? repetitionAt(sequence, start, period, count) : undefined;
        if (found === undefined) continue;
        best = { start, found };
        saved = (count - 1) * period;
      }
    }
  }
  return best;
}

/**
 * Where blocks may start before `first`: by a whole block or a few nodes that take over what was
 * there.
 */
function withFirst(sequence: Sequence, from: number, first: number, period: number): number {
  const startsAt = (start: number): boolean => {
    for (let i = start; i < first; i++) if (!sequence.repeats(i, period, start)) return false;
    return true;
  };
  if (first - period >= from && startsAt(first - period)) return first - period;
  let start = first;
  while (start > Math.max(from, first - MOST_TAKING_OVER) && startsAt(start - 1)) start--;
  return start;
}

/**
 * The start of a block, among nodes `first` to `first + period`, at which blocks hand over least.
 * Where it costs little, there is one more block behind it.
 */
function leastCarried({ nodes, value, writer }: Sequence, first: number, last: number, period: number): number {
  const reach = new Map<number, number>();
  for (let i = last - period; i < last; i++) {
    nodes[i]!.inputs.forEach(({ id }, input) => {
      const from = writer(id)?.node ?? -1;
      const captured = id === nodes[i - period]!.inputs[input]!.id;
      if (from >= first && !captured) reach.set(id, Math.max(reach.get(id) ?? 0, i - from));
    });
  }
  const carried = new Array<number>(period).fill(0);
  for (const [id, distance] of reach) {
    const size = sizeOf(value(id).shape);
    for (let d = 1; d <= distance; d++) carried[(writer(id)!.node + d) % period]! += size;
  }
  const least = (end: number): number => {
    let best = first;
    for (let i = first; i < end; i++) if (carried[i % period]! < carried[best % period]!) best = i;
    return best;
  };
  const [best, whole] = [least(first + period), least(first + ((last - first) % period) + 1)];
  const computed = nodes
    .slice(last - period, last)
    .reduce((sum, { outputs }) => outputs.reduce((part, { shape }) => part + sizeOf(shape), sum), 0);
  return carried[whole % period]! - carried[best % period]! <= MOST_HANDED * computed ? whole : best;
}
