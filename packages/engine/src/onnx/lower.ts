/** Converts a graph to the bytes of an ONNX model. */
import { nodeName } from "../failure.js";
import { valuesOf, type Graph, type GraphNode } from "../graph.js";
import { OnnxBuilder } from "./builder.js";
import { blockedConvolutions } from "./blocked/convolutions.js";
import { blockedElementwise } from "./blocked/elementwise.js";
import type { BlockedLowering } from "./blocked/lowering.js";
import { blockedReductions } from "./blocked/reductions.js";
import { Values } from "./blocked/values.js";
import { collapsed } from "./collapse.js";
import { fuse } from "./fuse.js";
import { kernelCall } from "../kernel-call.js";
import { numbered } from "../ports.js";
import type { LoweringTable } from "./lowering.js";
import { leakyGradient, rectifiedGradient } from "./unit-gradients.js";
import { lowerings as standard } from "./lowerings.js";

const BROADCASTING =
  "Add Sub Multiply RealDiv Maximum Minimum SquaredDifference Pow Mod FloorDiv Atan2 Equal NotEqual Greater GreaterEqual Less LessEqual " +
  "LogicalAnd LogicalOr Select";

/** The kernels of TensorFlow.js, and those that `fuse` creates. */
const lowerings: LoweringTable = {
  ...standard,
  ...Object.fromEntries(BROADCASTING.split(" ").map((kernel) => [kernel, collapsed(standard[kernel]!)])),
  LeakyReluGrad: leakyGradient,
  ReluGrad: rectifiedGradient,
};

const onBlockedImages = blockedElementwise(lowerings);
const blockedLoweringOf = (kernel: string): BlockedLowering =>
  blockedConvolutions[kernel] ?? blockedReductions[kernel] ?? onBlockedImages;

/**
 * The graph as an ONNX model, by default with inputs `in0, in1, ...` and outputs `out0, out1, ...`.
 *
 * `block` is the number of channels in a block of ONNX Runtime's fast convolutions. With it,
 * convolutions and the kernels between them use the blocked layout, and the model runs only where
 * these operators exist. Without it the model has standard operators alone.
 */
export function lowerToOnnx(recorded: Graph, block?: number, ports = numbered(recorded)): Uint8Array {
  const graph = fuse(recorded, block);
  const builder = new OnnxBuilder();
  const values = new Values(builder, valuesOf(graph), block);
  const prepared = new Map<string, string>();
  const once = (key: string, make: () => string): string => {
    const name = prepared.get(key) ?? make();
    prepared.set(key, name);
    return name;
  };
  graph.inputs.forEach(({ value }, i) => {
    const { name, description } = ports.inputs[i]!;
    builder.input(name, value, description);
    values.define(value.id, "plain", name);
  });
  for (const { value, data } of graph.constants) values.define(value.id, "plain", builder.constant(value, data));
  // Fusing keeps the outputs of nodes, so they identify a node in the recorded graph.
  const position = new Map(recorded.nodes.map((node, i) => [node.outputs[0]!.id, i]));
  for (const node of graph.nodes) {
    const output = node.outputs[0]!;
    const index = position.get(output.id)!;
    builder.origin = nodeName(recorded.nodes[index]!, index);
    const idOf = (input: string): number | undefined => node.inputs.find(({ name }) => name === input)?.id;
    const blocked =
      block === undefined
        ? undefined
        : blockedLoweringOf(node.kernel)({ builder, block, node, attrs: node.attrs, values, idOf, output, once });
    if (blocked !== undefined) values.define(output.id, blocked.layout, blocked.name);
    else plainly(node).forEach((name, i) => values.define(node.outputs[i]!.id, "plain", name));
  }
  graph.outputs.forEach((id, i) => builder.output(values.in("plain", id), ports.outputs[i]!.name, values.spec(id)));
  return builder.model();

  function plainly(node: GraphNode): string[] {
    const ids = node.inputs.map(({ id }) => id);
    const names = ids.map((id) => values.in("plain", id));
    const specs = ids.map((id) => values.spec(id));
    return [lowerings[node.kernel]!(kernelCall(builder, node, names, specs, node.outputs[0]!))].flat();
  }
}
