/** A block of nodes that a graph repeats, with what the blocks read and hand over. */
import { sizeOf, type GraphNode, type Value } from "../graph.js";
import type { Sequence } from "./sequence.js";

/** A value that each block hands to the next one. */
export interface Carried {
  /** What the first block reads, the block's own name for it, and what the block makes of it. */
  readonly initial: number;
  readonly inside: Value;
  readonly next: number;
  /** The value after the last block. */
  readonly last: Value;
}

/** Values of which each block reads another one, such as its noise. */
export interface Scanned {
  readonly parts: readonly number[];
  readonly inside: Value;
}

/** A value of every block that nodes after the repetition read, by the number of the block. */
export interface Stacked {
  readonly inside: number;
  readonly parts: ReadonlyMap<number, Value>;
}

/**
 * `count` blocks of nodes in a row. The nodes are those of the first block. They read carried and
 * scanned values under the names inside the block, and other values of the graph under their own.
 */
export interface Repetition {
  readonly count: number;
  readonly nodes: readonly GraphNode[];
  readonly carried: readonly Carried[];
  readonly scanned: readonly Scanned[];
  readonly stacked: readonly Stacked[];
}

export const isRepetition = (step: GraphNode | Repetition): step is Repetition => "count" in step;

/** Scanned and stacked values are copied. They are at most this share of the values of a block. */
const LARGEST_COPIES = 0.25;

const numbersIn = (values: readonly Value[]): number => values.reduce((sum, { shape }) => sum + sizeOf(shape), 0);

/**
 * The repetition of `count` blocks of `period` nodes from node `start` on. It is undefined if the
 * blocks differ in a way that no loop has, or if a loop would copy too much.
 */
export function repetitionAt(sequence: Sequence, start: number, period: number, count: number): Repetition | undefined {
  const { nodes } = sequence;
  const end = start + count * period;
  const carried = new Map<number, Carried>();
  const scanned = new Map<string, Scanned>();
  const isBefore = (id: number): boolean => sequence.isBefore(id, start);

  /** Whether `ids` are the same output of node `node` and of its images in the next blocks. */
  const areImages = (ids: readonly number[], node: number, output: number): boolean =>
    ids.every((id, block) => nodes[node + block * period]?.outputs[output]?.id === id);

  /** The name inside the block of what its blocks read as `parts`, or undefined. */
  function insideOf(parts: readonly number[]): number | undefined {
    const [first, second] = parts as readonly [number, number];
    if (isBefore(first) && parts.every((id) => id === first)) return first;
    if (parts.every(isBefore)) {
      const { inside } = scanned.get(parts.join()) ?? { inside: sequence.copyOf(first) };
      scanned.set(parts.join(), { parts, inside });
      return inside.id;
    }
    const writer = sequence.writer(second);
    if (writer === undefined || writer.node < start) return undefined;
    const { node, output } = writer;
    if (node >= start + period) return areImages(parts, node - period, output) ? first : undefined;
    if (!isBefore(first) || !areImages(parts.slice(1), node, output)) return undefined;
    const last = nodes[node + (count - 1) * period]!.outputs[output]!;
    const one = carried.get(second) ?? { initial: first, inside: sequence.copyOf(first), next: second, last };
    carried.set(second, one);
    return one.initial === first ? one.inside.id : undefined;
  }

  const block: GraphNode[] = [];
  for (const [offset, node] of nodes.slice(start, start + period).entries()) {
    const inputs = node.inputs.map(({ name }, input) => {
      const parts = Array.from({ length: count }, (_, i) => nodes[start + offset + i * period]!.inputs[input]!.id);
      return { name, id: insideOf(parts) };
    });
    if (inputs.some(({ id }) => id === undefined)) return undefined;
    block.push({ ...node, inputs: inputs as GraphNode["inputs"] });
  }

  const finals = new Set([...carried.values()].map(({ last }) => last.id));
  const stacked = new Map<number, Map<number, Value>>();
  for (let i = start; i < end; i++) {
    for (const [output, value] of nodes[i]!.outputs.entries()) {
      if (finals.has(value.id) || !sequence.isReadFrom(value.id, end)) continue;
      const number = Math.floor((i - start) / period);
      const inside = nodes[i - number * period]!.outputs[output]!.id;
      const parts = stacked.get(inside) ?? new Map<number, Value>();
      stacked.set(inside, parts.set(number, value));
    }
  }

  const copied = [...[...scanned.values()].map(({ inside }) => inside), ...[...stacked.keys()].map(sequence.value)];
  if (numbersIn(copied) > LARGEST_COPIES * numbersIn(block.flatMap(({ outputs }) => outputs))) return undefined;
  return {
    count,
    nodes: block,
    carried: [...carried.values()],
    scanned: [...scanned.values()],
    stacked: [...stacked].map(([inside, parts]) => ({ inside, parts })),
  };
}
