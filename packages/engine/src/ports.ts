/** Names of the inputs and outputs of a graph in a file. */
import type { Graph } from "./graph.js";

/** The name of an input or output, and an optional description for readers of the file. */
export interface Port {
  readonly name: string;
  readonly description?: string;
}

export interface Ports {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
}

/** `in0, in1, ...` and `out0, out1, ...`. */
export const numbered = (graph: Graph): Ports => ({
  inputs: graph.inputs.map((_, i) => ({ name: `in${i}` })),
  outputs: graph.outputs.map((_, i) => ({ name: `out${i}` })),
});
