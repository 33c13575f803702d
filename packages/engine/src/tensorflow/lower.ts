/** Converts a graph to the bytes of a SavedModel. */
import { valuesOf, type Graph } from "../graph.js";
import { kernelCall } from "../kernel-call.js";
import { fuseLeakyUnits } from "../passes/leaky-units.js";
import { numbered } from "../ports.js";
import { GraphDefBuilder } from "./builder.js";
import { lowerings } from "./lowerings.js";

/**
 * The graph as a SavedModel.
 *
 * Placeholders and results are named `in0, in1, ...` and `out0, out1, ...`. The signature uses the
 * names of their ports, by default the same.
 *
 * No operation is marked for XLA. On a CPU its clusters make chains of matrix products 15 % faster,
 * but learning iterations up to 30 % slower, and the first call of a program 1 to 12 seconds
 * longer.
 */
export function lowerToSavedModel(recorded: Graph, ports = numbered(recorded)): Uint8Array {
  const graph = fuseLeakyUnits(recorded);
  const builder = new GraphDefBuilder();
  const specs = valuesOf(graph);
  const names = new Map<number, string>();
  graph.inputs.forEach(({ value }, i) => {
    builder.input(`in${i}`, value, ports.inputs[i]!);
    names.set(value.id, `in${i}`);
  });
  for (const { value, data } of graph.constants) names.set(value.id, builder.constant(value, data));
  // Fusing keeps the outputs of nodes, so they identify a node in the recorded graph.
  const position = new Map(recorded.nodes.map((node, i) => [node.outputs[0]!.id, i]));
  for (const node of graph.nodes) {
    builder.origin = `${node.kernel}.${position.get(node.outputs[0]!.id)}/`;
    const ids = node.inputs.map(({ id }) => id);
    const call = kernelCall(
      builder,
      node,
      ids.map((id) => names.get(id)!),
      ids.map((id) => specs.get(id)!),
      node.outputs[0]!,
    );
    [lowerings[node.kernel]!(call)].flat().forEach((name, i) => names.set(node.outputs[i]!.id, name));
  }
  graph.outputs.forEach((id, i) => builder.output(names.get(id)!, `out${i}`, specs.get(id)!, ports.outputs[i]!));
  return builder.savedModel();
}

/** A message of TensorFlow with the usual names of graph nodes: kernel and index in the graph. */
export const withNodeNames = (message: string): string => message.replace(/\b([A-Za-z]\w*)\.(\d+)\/v\d+/g, "$1#$2");
