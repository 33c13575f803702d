/**
 * Where the values of a generated program are: in constants, buffers, or parts of paddings.
 *
 * Values that only rename others, such as reshapes, have the place of their root.
 */
import { nodeName } from "../failure.js";
import { sizeOf, valuesOf, type ById, type DType, type Graph, type GraphNode, type Value } from "../graph.js";
import { literal } from "./expressions.js";
import { broadcastMap } from "./index-maps.js";
import type { Rounding } from "./rounding.js";
import { forEach, type Source } from "./source.js";

/** Entries of a buffer: all in order from `offset`, or those of `map`. */
export interface Stored {
  readonly buffer: number;
  readonly offset: number;
  readonly map?: Int32Array;
}

/** A constant expression, entries of a buffer, or the sum of these parts and zeros elsewhere. */
export type Place =
  | { readonly scalar: string }
  | Stored
  | { readonly padded: readonly { readonly from: Place; readonly to: Int32Array }[]; readonly dtype: DType };

/** Kernels that only change the shape, or nothing. */
export const renaming = new Set(["Reshape", "ExpandDims", "Identity"]);

const isRun = (map: Int32Array): boolean => map.every((at, i) => at === map[0]! + i);

export class Places {
  /** Additions of a run, about. */
  operations = 0;
  private readonly places = new Map<number, Place>();
  private readonly constants = new Map<number, ArrayLike<number>>();
  private readonly roots = new Map<number, number>();
  private readonly shapes: ById<Value>;

  /** @param settle writes the loop that computes a value, if it still grows */
  constructor(
    private readonly graph: Graph,
    readonly source: Source,
    readonly rounding: Rounding,
    private readonly settle: (root: number) => void,
  ) {
    this.shapes = valuesOf(graph);
    for (const { kernel, inputs, outputs } of graph.nodes) {
      if (renaming.has(kernel)) this.roots.set(outputs[0]!.id, this.rootOf(inputs[0]!.id));
    }
  }

  /** The name of a node in messages. */
  nameOf(node: GraphNode): string {
    return nodeName(node, this.graph.nodes.indexOf(node));
  }

  rootOf(id: number): number {
    return this.roots.get(id) ?? id;
  }

  shapeOf(id: number): readonly number[] {
    return this.shapes.get(id)!.shape;
  }

  countOf(id: number): number {
    return sizeOf(this.shapeOf(id));
  }

  set({ id }: Pick<Value, "id">, place: Place): void {
    this.places.set(id, place);
  }

  /** The place of a value, after the loop that computes it. */
  of(id: number): Place {
    const root = this.rootOf(id);
    this.settle(root);
    return this.places.get(root)!;
  }

  /** {@link of}, where no loop computes the value any more. */
  settled(id: number): Place {
    return this.places.get(this.rootOf(id))!;
  }

  constant(value: Value, data: ArrayLike<number>): void {
    this.constants.set(value.id, data);
    if (data.length === 1) return this.set(value, { scalar: literal(data[0]!) });
    this.set(value, { buffer: this.source.buffer(data.length, Float64Array.from(data)), offset: 0 });
  }

  /** The numbers of a constant. */
  numbersOf(id: number): ArrayLike<number> | undefined {
    return this.constants.get(this.rootOf(id));
  }

  /** A buffer of its own for a value. */
  buffer(value: Pick<Value, "id" | "shape">): number {
    const buffer = this.source.buffer(sizeOf(value.shape));
    this.set(value, { buffer, offset: 0 });
    return buffer;
  }

  /** The expression of a value of one number. */
  scalar(id: number): string {
    const place = this.of(id);
    return "scalar" in place ? place.scalar : this.entry(this.dense(place, 1), "0");
  }

  /** Puts a place into a buffer. */
  dense(place: Place, size: number): Stored {
    if ("buffer" in place) return place;
    const buffer = this.source.buffer(size);
    if ("scalar" in place) {
      this.source.add([`b${buffer}.fill(${place.scalar});`]);
      return { buffer, offset: 0 };
    }
    this.source.add(forEach(size, [`b${buffer}[i] = 0;`]));
    for (const { from, to } of place.padded) this.copy(from, buffer, to, "+=");
    if (place.padded.length > 1) this.source.add(this.rounded(buffer, size, place.dtype));
    return { buffer, offset: 0 };
  }

  /** A value in a buffer, in which its entries may be read many times. */
  stored(id: number): Stored {
    const stored = this.dense(this.settled(id), this.countOf(id));
    this.places.set(this.rootOf(id), stored);
    return stored;
  }

  /** A value whose entries lie one behind the other. */
  inOrder(id: number): Stored {
    const size = this.countOf(id);
    const read = this.dense(this.of(id), size);
    if (read.map === undefined) return read;
    const buffer = this.source.buffer(size);
    this.operations += size;
    this.source.add(forEach(size, [`b${buffer}[i] = ${this.entry(read, "i")};`]));
    return { buffer, offset: 0 };
  }

  /** Writes the entries of a place to those places of a buffer. */
  copy(from: Place, buffer: number, to: Int32Array, sign: "=" | "+=" = "="): void {
    if ("scalar" in from) {
      to.forEach((at) => this.source.add([`b${buffer}[${at}] ${sign} ${from.scalar};`]));
      return;
    }
    const read = this.dense(from, to.length);
    this.operations += to.length;
    const line = `b${buffer}[${this.indexed("i", to)}] ${sign} ${this.entry(read, "i")};`;
    this.source.add(forEach(to.length, [line]));
  }

  /** Statements that round all entries of a buffer, after `change` is applied to them. */
  rounded(buffer: number, size: number, dtype: DType, change = ""): string[] {
    const entry = `b${buffer}[i]`;
    const made = this.rounding(entry + change, dtype);
    return made === entry ? [] : forEach(size, [`${entry} = ${made};`]);
  }

  /** A view of some entries of a place of `size` entries. */
  viewed(place: Place, size: number, map: Int32Array): Place {
    if ("scalar" in place) return place;
    const { buffer, offset, map: before } = this.dense(place, size);
    const composed = map.map((at) => (before === undefined ? offset + at : before[at]!));
    if (composed.length === 1) return { scalar: `b${buffer}[${composed[0]}]` };
    return isRun(composed) ? { buffer, offset: composed[0]! } : { buffer, offset: 0, map: composed };
  }

  /** A place that broadcasts to a larger shape. */
  broadcast(read: Stored, from: readonly number[], to: readonly number[]): Stored {
    return this.viewed(read, sizeOf(from), broadcastMap(from, to)) as Stored;
  }

  /** An index of a loop through a map. */
  indexed(i: string, map: Int32Array): string {
    return isRun(map) ? (map[0] ? `${i} + ${map[0]}` : i) : `m${this.source.map(map)}[${i}]`;
  }

  /** The expression of an entry. */
  entry({ buffer, offset, map }: Stored, i: string): string {
    return map === undefined ? `b${buffer}[${offset ? `${i} + ${offset}` : i}]` : `b${buffer}[${this.indexed(i, map)}]`;
  }

  /** The source text of the integers of a value. */
  integers(id: number): string {
    const known = this.numbersOf(id);
    if (known !== undefined) return `k${this.source.constant(Array.from(known))}`;
    const { buffer, offset } = this.inOrder(id);
    return `b${buffer}.subarray(${offset}, ${offset + this.countOf(id)})`;
  }
}

/** The value of an input by its name. */
export const inputOf = ({ inputs }: GraphNode, name: string): number => inputs.find((one) => one.name === name)!.id;
