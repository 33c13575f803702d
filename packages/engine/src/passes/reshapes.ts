/**
 * Removes reshapes around elementwise kernels: a kernel on reshaped numbers, whose result is shaped
 * back, runs on the numbers as they are.
 */
import { freshIds, readsOf, sizeOf, valuesOf, writersOf, type Graph, type GraphNode, type Value } from "../graph.js";
import { inputOf } from "./arithmetic.js";
import { BINARY } from "./broadcasts.js";

const UNARY =
  "Abs ClipByValue Cos Cosh Elu Erf Exp Expm1 LeakyRelu Log Log1p Neg Reciprocal Relu Relu6 Rsqrt Selu Sigmoid Sign Sin Sinh " +
  "Softplus Sqrt Square Step Tan Tanh";
const ELEMENTWISE: ReadonlySet<string> = new Set(`${UNARY} ${BINARY}`.split(" "));

/**
 * The graph with each elementwise kernel between two reshapes in the shape outside of them. Its
 * other operand is then reshaped, which is done once where steps share it. It is the same object if
 * there is no such kernel.
 */
export function moveReshapes(graph: Graph): Graph {
  const values = valuesOf(graph);
  const writers = writersOf(graph.nodes);
  const reads = readsOf(graph);
  const fresh = freshIds(graph);
  const textOf = (id: number): string => values.get(id)!.shape.join();

  /** What the kernel before a reshape reads instead of `id`, if that can have this shape. */
  function reshaped(
    id: number,
    from: Value,
    to: Value,
  ): { id: number; before: GraphNode[]; saved: boolean } | undefined {
    const own = values.get(id)!;
    if (sizeOf(own.shape) === 1 && own.shape.length <= Math.min(from.shape.length, to.shape.length))
      return { id, before: [], saved: false };
    if (textOf(id) !== from.shape.join()) return undefined;
    const writer = writers.get(id);
    if (writer?.kernel === "Reshape") {
      const inner = inputOf(writer, "x");
      if (textOf(inner) === to.shape.join()) return { id: inner, before: [], saved: true };
    }
    const output = { id: fresh(), shape: to.shape, dtype: own.dtype };
    values.set(output.id, output);
    const before = {
      kernel: "Reshape",
      inputs: [{ name: "x", id }],
      attrs: { shape: [...to.shape] },
      outputs: [output],
    };
    return { id: output.id, before: [before], saved: false };
  }

  const replaced = new Map<GraphNode, readonly GraphNode[]>();
  for (const last of graph.nodes) {
    if (last.kernel !== "Reshape") continue;
    const id = inputOf(last, "x");
    const node = writers.get(id);
    if (node === undefined || !ELEMENTWISE.has(node.kernel) || reads.get(id) !== 1) continue;
    const [from, to] = [node.outputs[0]!, last.outputs[0]!];
    const operands = node.inputs.map((input) => reshaped(input.id, from, to));
    if (operands.includes(undefined) || !operands.some((one) => one!.saved)) continue;
    const inputs = node.inputs.map(({ name }, i) => ({ name, id: operands[i]!.id }));
    const moved = { ...node, inputs, outputs: [to] };
    replaced.set(node, []);
    replaced.set(last, [...operands.flatMap((one) => one!.before), moved]);
    writers.set(to.id, moved);
  }
  if (replaced.size === 0) return graph;
  return { ...graph, nodes: graph.nodes.flatMap((node) => replaced.get(node) ?? [node]) };
}
