/** Converts a graph to the bytes of an ONNX model. */
import { nodeName } from "../failure.js";
import { valuesOf, type Graph, type GraphNode } from "../graph.js";
import { OnnxBuilder, type LargeConstant } from "./builder.js";
import { blockedConvolutions } from "./blocked/convolutions.js";
import { blockedElementwise } from "./blocked/elementwise.js";
import type { BlockedLowering } from "./blocked/lowering.js";
import { pixelKernels } from "./blocked/pixels.js";
import { blockedPooling } from "./blocked/pooling.js";
import { blockedReductions } from "./blocked/reductions.js";
import { Values } from "./blocked/values.js";
import { collapsed } from "./collapse.js";
import { fuse } from "./fuse.js";
import { END } from "./given-arrays.js";
import { kernelCall } from "../kernel-call.js";
import { branchOnSelections } from "../passes/branches.js";
import { isRepetition, type Repetition } from "../passes/repetition.js";
import { findRepetitions } from "../passes/repetitions.js";
import { numbered, type Ports } from "../ports.js";
import type { LoweringTable } from "./lowering.js";
import { lowerBranch } from "./branch.js";
import { sumOfSquares } from "./reductions.js";
import { drawsOfLoops, lowerRepetition, stackOf } from "./repetition.js";
import { scaledProduct } from "./products.js";
import { isPositive, leakyGradient, rectifiedGradient } from "./unit-gradients.js";
import { lowerings as standard } from "./lowerings.js";

const BROADCASTING =
  "Add Sub Multiply RealDiv Maximum Minimum SquaredDifference Pow Mod FloorDiv Atan2 Equal NotEqual Greater GreaterEqual Less LessEqual " +
  "LogicalAnd LogicalOr Select";

/** The kernels of TensorFlow.js, and those that `fuse` creates. */
const lowerings: LoweringTable = {
  ...standard,
  ...Object.fromEntries(BROADCASTING.split(" ").map((kernel) => [kernel, collapsed(standard[kernel]!)])),
  Gemm: scaledProduct,
  IsPositive: isPositive,
  LeakyReluGrad: leakyGradient,
  ReluGrad: rectifiedGradient,
  SumOfSquares: sumOfSquares,
};

const onBlockedImages = blockedElementwise(lowerings);
const blockedLoweringOf = (kernel: string): BlockedLowering =>
  blockedConvolutions[kernel] ??
  blockedPooling[kernel] ??
  blockedReductions[kernel] ??
  pixelKernels[kernel] ??
  onBlockedImages;

export interface LowerOptions {
  /**
   * Number of channels in a block of ONNX Runtime's fast convolutions. With it, convolutions and
   * the kernels between them use the blocked layout, and the model runs only where these operators
   * exist. Default: standard operators alone.
   */
  readonly block?: number | undefined;
  /** Whether repeated blocks of nodes become loops, and selections branches. Default false. */
  readonly structured?: boolean | undefined;
  /** Whether the first output is one that is no tensor (see `given-arrays.ts`). Default false. */
  readonly end?: boolean;
  /** Receives large constants by name, which the model then lacks. */
  readonly beside?: Map<string, LargeConstant> | undefined;
  /**
   * Receives the draws that a loop reads, one set for each turn, by the name of the one input that has
   * them all: the indices of their inputs in the graph. Default: each draw is an input.
   */
  readonly joined?: Map<string, readonly number[]> | undefined;
  /** Names of inputs and outputs. Default `in0, in1, ...` and `out0, out1, ...`. */
  readonly ports?: Ports;
}

/** The graph as an ONNX model. */
export function lowerToOnnx(recorded: Graph, options: LowerOptions = {}): Uint8Array {
  const { block, structured = false, end = false, beside, joined, ports = numbered(recorded) } = options;
  const fused = fuse(recorded, block);
  const graph = structured ? branchOnSelections(fused) : fused;
  const builder = new OnnxBuilder(structured);
  const values = new Values(builder, valuesOf(graph), block);
  const steps = structured ? findRepetitions(graph) : graph.nodes;
  const together = new Set<number>();
  for (const indices of joined === undefined ? [] : drawsOfLoops(graph, steps)) {
    const name = `draws${joined!.size}`;
    joined!.set(name, indices);
    builder.input(name, stackOf(indices.map((i) => graph.inputs[i]!.value)));
    values.stack(indices.map((i) => graph.inputs[i]!.value.id), () => name); // prettier-ignore
    for (const i of indices) together.add(i);
  }
  graph.inputs.forEach(({ value }, i) => {
    if (together.has(i)) return;
    const { name, description } = ports.inputs[i]!;
    builder.input(name, value, description);
    values.define(value.id, "plain", name);
  });
  for (const { value, data } of graph.constants) values.define(value.id, "plain", builder.constant(value, data));
  // Fusing keeps the outputs of most nodes, which identify a node in the recorded graph.
  const position = new Map(recorded.nodes.map((node, i) => [node.outputs[0]!.id, i]));
  for (const step of steps) lower(step, values);
  if (end) builder.noTensor(END);
  graph.outputs.forEach((id, i) => builder.output(values.in("plain", id), ports.outputs[i]!.name, values.spec(id)));
  return builder.model(beside);

  function lower(step: GraphNode | Repetition, scope: Values): void {
    if (isRepetition(step)) lowerRepetition(builder, step, scope, lower);
    else if (step.kernel === "Branch") lowerBranch(builder, step, scope, lower);
    else lowerNode(step, scope);
  }

  function lowerNode(node: GraphNode, scope: Values): void {
    const output = node.outputs[0]!;
    const index = position.get(output.id);
    builder.origin = index === undefined ? node.kernel : nodeName(recorded.nodes[index]!, index);
    const idOf = (input: string): number | undefined => node.inputs.find(({ name }) => name === input)?.id;
    const blocked =
      block === undefined
        ? undefined
        : blockedLoweringOf(node.kernel)({ builder, block, node, attrs: node.attrs, values: scope, idOf, output });
    if (blocked !== undefined) scope.define(output.id, blocked.layout, blocked.name);
    else plainly(node, scope).forEach((name, i) => scope.define(node.outputs[i]!.id, "plain", name));
  }

  function plainly(node: GraphNode, scope: Values): string[] {
    const ids = node.inputs.map(({ id }) => id);
    const names = ids.map((id) => scope.in("plain", id));
    const specs = ids.map((id) => scope.spec(id));
    return [lowerings[node.kernel]!(kernelCall(builder, node, names, specs, node.outputs[0]!))].flat();
  }
}
