/** What inputs and outputs of a graph are called in a file. */
import type { Graph } from "./graph.js";

/** What an input or output is called, and what a reader should know of it. */
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
