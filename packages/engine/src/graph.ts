/**
 * A recorded function: a flat list of TensorFlow.js kernels with shapes and types, in execution
 * order.
 *
 * The recorder creates a graph, passes rewrite it, executors run it. It holds plain values only, so
 * it can be printed, compared and tested.
 */
import type { Draw } from "@ergodic/tensor";

export type DType = "float32" | "int32" | "bool";
export type TypedArray = Float32Array | Int32Array | Uint8Array;

/** The shape and type of a tensor, known before its values. */
export interface TensorSpec {
  readonly shape: readonly number[];
  readonly dtype: DType;
}

/** A tensor of the graph. Exactly one input, constant or node writes it. */
export interface Value extends TensorSpec {
  readonly id: number;
}

/**
 * The source of an input's numbers:
 *
 * - a tensor argument,
 * - a captured variable, by its index among those of the recording,
 * - a draw on the host from a key argument, derived along `path` (Key.derive).
 */
export type InputSource =
  | { readonly kind: "argument"; readonly leaf: number }
  | { readonly kind: "variable"; readonly index: number }
  | { readonly kind: "random"; readonly leaf: number; readonly path: readonly number[]; readonly draw: Draw };

export interface GraphInput {
  readonly value: Value;
  readonly source: InputSource;
}

export interface Constant {
  readonly value: Value;
  readonly data: TypedArray;
}

/** One kernel call, with the names and attributes of TensorFlow.js. */
export interface GraphNode {
  readonly kernel: string;
  readonly inputs: readonly { readonly name: string; readonly id: number }[];
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly outputs: readonly Value[];
  /** In debug mode, the line of the user's code that called the kernel. */
  readonly origin?: string;
}

export interface Graph {
  readonly inputs: readonly GraphInput[];
  readonly constants: readonly Constant[];
  readonly nodes: readonly GraphNode[];
  readonly outputs: readonly number[];
}

/** The number of entries of a tensor of this shape. */
export function sizeOf(shape: readonly number[]): number {
  let size = 1;
  for (const side of shape) size *= side;
  return size;
}

export const specOf = ({ shape, dtype }: TensorSpec): string => `${dtype}[${shape.join(",")}]`;

/** Facts about values by their ids. These are whole numbers without large gaps, so it is an array. */
export class ById<T> {
  private readonly facts: (T | undefined)[] = [];

  get = (id: number): T | undefined => this.facts[id];

  /** The largest id of which there is a fact, or -1. */
  get largest(): number {
    return this.facts.length - 1;
  }

  set(id: number, fact: T): void {
    while (this.facts.length < id) this.facts.push(undefined);
    this.facts[id] = fact;
  }
}

/** The specification of every value of a graph by its id. */
export function valuesOf({ inputs, constants, nodes }: Graph): ById<Value> {
  const values = new ById<Value>();
  for (const { value } of inputs) values.set(value.id, value);
  for (const { value } of constants) values.set(value.id, value);
  for (const { outputs } of nodes) for (const value of outputs) values.set(value.id, value);
  return values;
}

/** Makes ids that no value of the graph has, one after the other. */
export function freshIds(graph: Graph): () => number {
  let next: number | undefined;
  return () => (next = (next ?? valuesOf(graph).largest) + 1);
}

/** How often nodes and outputs of a graph read each value, by its id. */
export function readsOf({ nodes, outputs }: Graph): ById<number> {
  const reads = new ById<number>();
  const note = (id: number): void => reads.set(id, (reads.get(id) ?? 0) + 1);
  outputs.forEach(note);
  for (const { inputs } of nodes) for (const { id } of inputs) note(id);
  return reads;
}

/** The nodes that write the values of a list of nodes, by the ids of values. */
export function writersOf(nodes: readonly GraphNode[]): ById<GraphNode> {
  const writers = new ById<GraphNode>();
  for (const node of nodes) for (const { id } of node.outputs) writers.set(id, node);
  return writers;
}

/** A readable listing for debugging and tests, one line per value. */
export function printGraph(graph: Graph): string {
  const attributes = (attrs: GraphNode["attrs"]): string => {
    const shown = Object.entries(attrs).filter(([, v]) => v !== undefined && v !== null);
    return shown.map(([name, v]) => ` ${name}=${JSON.stringify(v)}`).join("");
  };
  const origin = (source: InputSource): string => {
    if (source.kind === "argument") return `argument ${source.leaf}`;
    if (source.kind === "variable") return `variable ${source.index}`;
    return `${source.draw.kind} of key ${source.leaf} at /${source.path.join("/")}`;
  };
  return [
    ...graph.inputs.map(({ value, source }) => `%${value.id} ${specOf(value)} = ${origin(source)}`),
    ...graph.constants.map(({ value, data }) => {
      const shown = [...data.subarray(0, 4)].join(", ") + (data.length > 4 ? ", ..." : "");
      return `%${value.id} ${specOf(value)} = constant ${shown}`;
    }),
    ...graph.nodes.map((node) => {
      const outputs = node.outputs.map((value) => `%${value.id} ${specOf(value)}`).join(", ");
      const call = `${node.kernel}(${node.inputs.map(({ id }) => `%${id}`).join(", ")})${attributes(node.attrs)}`;
      return `${outputs} = ${call}${node.origin === undefined ? "" : ` @ ${node.origin}`}`;
    }),
    `return ${graph.outputs.map((id) => `%${id}`).join(", ")}`,
  ].join("\n");
}
