/** The nodes of a graph as a sequence that may repeat itself. */
import { ById, freshIds, specOf, valuesOf, type Graph, type GraphNode, type Value } from "../graph.js";
import { earlyFirst } from "./early.js";
import { exactText } from "./exact-text.js";

/** The node that writes a value, by its index, and the index of the output. */
export interface Writer {
  readonly node: number;
  readonly output: number;
}

/** Equal numbers for equal texts. */
function numbering(): (text: string) => number {
  const numbers = new Map<string, number>();
  return (text) => {
    const number = numbers.get(text) ?? numbers.size;
    numbers.set(text, number);
    return number;
  };
}

export class Sequence {
  readonly nodes: readonly GraphNode[];
  /** Nodes of one kind differ only in which values they read and write. */
  readonly kinds: readonly number[];
  private readonly values: ById<Value>;
  private readonly writers = new ById<Writer>();
  /** The last node that reads a value, by its index. Infinity for outputs of the graph. */
  private readonly lastReads = new ById<number>();
  private readonly fresh: () => number;

  constructor(graph: Graph) {
    this.nodes = earlyFirst(graph.nodes);
    this.values = valuesOf(graph);
    this.fresh = freshIds(graph);
    this.nodes.forEach(({ inputs, outputs }, node) => {
      outputs.forEach(({ id }, output) => this.writers.set(id, { node, output }));
      for (const { id } of inputs) this.lastReads.set(id, node);
    });
    for (const id of graph.outputs) this.lastReads.set(id, Infinity);
    const [kindOf, specNumber] = [numbering(), numbering()];
    const specs = new ById<number>();
    const numberOf = (value: Value): number => {
      const known = specs.get(value.id) ?? specNumber(specOf(value));
      specs.set(value.id, known);
      return known;
    };
    this.kinds = this.nodes.map(({ kernel, attrs, inputs, outputs }) => {
      let text = kernel;
      for (const { name, id } of inputs) text += ` ${name}:${numberOf(this.value(id))}`;
      for (const value of outputs) text += ` ${numberOf(value)}`;
      return kindOf(text + exactText(attrs));
    });
  }

  value = (id: number): Value => this.values.get(id)!;

  /** Undefined for inputs and constants of the graph. */
  writer = (id: number): Writer | undefined => this.writers.get(id);

  /** Whether a value exists before the node at `start` runs. */
  isBefore(id: number, start: number): boolean {
    const writer = this.writer(id);
    return writer === undefined || writer.node < start;
  }

  /** Whether node `end` or a later one reads the value, or the graph returns it. */
  isReadFrom = (id: number, end: number): boolean => (this.lastReads.get(id) ?? -1) >= end;

  /** A new value of the same shape and type. */
  copyOf = (id: number): Value => ({ ...this.value(id), id: this.fresh() });

  /**
   * Whether node `i + period` does to its block what node `i` does to the block before. In a first
   * block, which starts at `first`, a node may read what was there before, and the next block what
   * the first one made.
   */
  repeats(i: number, period: number, first?: number): boolean {
    if (this.kinds[i] !== this.kinds[i + period]) return false;
    return this.nodes[i]!.inputs.every(({ id }, input) => {
      const next = this.nodes[i + period]!.inputs[input]!.id;
      const [a, b] = [this.writer(id), this.writer(next)];
      if (id === next || (a !== undefined && b?.node === a.node + period && b.output === a.output)) return true;
      const [start, end] = first === undefined ? [i - period, i - period] : [first, first + period];
      return this.isBefore(id, start) && this.isBefore(next, end);
    });
  }
}
