/** A kernel call of a graph, as lowerings to any format see it. */
import type { GraphNode, TensorSpec } from "./graph.js";

export interface KernelCall<Builder> {
  readonly builder: Builder;
  readonly node: GraphNode;
  readonly attrs: GraphNode["attrs"];
  /** The builder's names of the inputs, in the kernel's order. */
  readonly inputs: readonly string[];
  readonly specs: readonly TensorSpec[];
  /** The builder's name and the shape and type of an input, by its name in the kernel. */
  name(input: string): string;
  spec(input: string): TensorSpec;
  has(input: string): boolean;
  readonly output: TensorSpec;
}

/** The call of `node`. Its operands may have other names and types than in the graph. */
export function kernelCall<Builder>(
  builder: Builder,
  node: GraphNode,
  inputs: readonly string[],
  specs: readonly TensorSpec[],
  output: TensorSpec,
): KernelCall<Builder> {
  const position = (input: string): number => node.inputs.findIndex(({ name }) => name === input);
  return {
    builder,
    node,
    attrs: node.attrs,
    inputs,
    specs,
    name: (input) => inputs[position(input)]!,
    spec: (input) => specs[position(input)]!,
    has: (input) => position(input) >= 0,
    output,
  };
}
