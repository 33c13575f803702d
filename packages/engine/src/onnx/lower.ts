/** From a graph to the bytes of an ONNX model. */
import { valuesOf, type Graph } from "../graph.js";
import { OnnxBuilder } from "./builder.js";
import type { Call } from "./lowering.js";
import { lowerings } from "./lowerings.js";

/** The graph as an ONNX model of standard operators, with inputs `in0, in1, ...` and outputs `out0, out1, ...`. */
export function lowerToOnnx(graph: Graph): Uint8Array {
  const builder = new OnnxBuilder();
  const specs = valuesOf(graph);
  const names = new Map<number, string>();
  graph.inputs.forEach(({ value }, i) => {
    builder.input(`in${i}`, value);
    names.set(value.id, `in${i}`);
  });
  for (const { value, data } of graph.constants) names.set(value.id, builder.constant(value, data));
  for (const node of graph.nodes) {
    const idOf = (input: string): number => node.inputs.find(({ name }) => name === input)!.id;
    const call: Call = {
      builder,
      node,
      attrs: node.attrs,
      inputs: node.inputs.map(({ id }) => names.get(id)!),
      specs: node.inputs.map(({ id }) => specs.get(id)!),
      name: (input) => names.get(idOf(input))!,
      spec: (input) => specs.get(idOf(input))!,
      output: node.outputs[0]!,
    };
    [lowerings[node.kernel]!(call)].flat().forEach((name, i) => names.set(node.outputs[i]!.id, name));
  }
  graph.outputs.forEach((id, i) => builder.output(names.get(id)!, `out${i}`, specs.get(id)!));
  return builder.model();
}
