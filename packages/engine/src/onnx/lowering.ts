/** How one TensorFlow.js kernel becomes ONNX operators, and helpers that the tables share. */
import type { GraphNode, TensorSpec } from "../graph.js";
import type { OnnxBuilder } from "./builder.js";

/** A kernel call in the graph, with its inputs' ONNX names and shapes. */
export interface Call {
  readonly builder: OnnxBuilder;
  readonly node: GraphNode;
  readonly attrs: GraphNode["attrs"];
  /** Names of the inputs, in the kernel's order. */
  readonly inputs: readonly string[];
  readonly specs: readonly TensorSpec[];
  /** Name and shape of one input by the kernel's own name for it. */
  name(input: string): string;
  spec(input: string): TensorSpec;
  readonly output: TensorSpec;
}

/** The call of `node` on operands that may have other names and sizes than in the graph. */
export function callOf(
  builder: OnnxBuilder,
  node: GraphNode,
  inputs: readonly string[],
  specs: readonly TensorSpec[],
  output: TensorSpec,
): Call {
  const position = (input: string): number => node.inputs.findIndex(({ name }) => name === input);
  return {
    builder,
    node,
    attrs: node.attrs,
    inputs,
    specs,
    name: (input) => inputs[position(input)]!,
    spec: (input) => specs[position(input)]!,
    output,
  };
}

export type Lowering = (call: Call) => string | string[];
export type LoweringTable = Readonly<Record<string, Lowering>>;

export const normalizeAxes = (axes: unknown, rank: number): number[] => {
  const listed =
    axes === undefined || axes === null
      ? Array.from({ length: rank }, (_, i) => i)
      : [axes as number | number[]].flat();
  return listed.map((axis) => (axis < 0 ? axis + rank : axis)).sort((a, b) => a - b);
};

export const swapLastTwo = (rank: number): number[] => {
  const perm = Array.from({ length: rank }, (_, i) => i);
  [perm[rank - 1], perm[rank - 2]] = [rank - 2, rank - 1];
  return perm;
};
