/**
 * The limits of `tf.logSumExp`, which TensorFlow.js makes of several kernels: log Σ exp(x - m) + m with m the largest entry.
 *
 * Where m is infinite its difference with itself is NaN. Subtracting the largest finite number in its place gives the limits: -∞ where all
 * entries are -∞, and ∞ where one is. Nothing changes where m is finite.
 */
import { util } from "@tensorflow/tfjs-core";
import type { Graph, GraphNode, Value } from "../graph.js";
import { inputOf } from "../passes/arithmetic.js";

const LARGEST = 3.4028234663852886e38;

/** The subtraction x - m in `sum`, where that adds m to the logarithm of summed exponentials; undefined where it adds something else. */
function subtractionOf(sum: GraphNode, writers: ReadonlyMap<number, GraphNode>): GraphNode | undefined {
  if (sum.kernel !== "Add") return undefined;
  const writerOf = (node: GraphNode | undefined, name: string, kernel: string): GraphNode | undefined => {
    const writer = node && writers.get(inputOf(node, name));
    return writer?.kernel === kernel ? writer : undefined;
  };
  const total = writerOf(writerOf(sum, "b", "Log"), "x", "Sum");
  const difference = writerOf(writerOf(total, "x", "Exp"), "x", "Sub");
  const largest = writerOf(difference, "b", "Max");
  if (total === undefined || largest?.outputs[0]!.dtype !== "float32") return undefined;
  const added = writerOf(sum, "a", "Reshape");
  const isSame = inputOf(largest, "x") === inputOf(difference!, "a");
  if (!isSame || added === undefined || inputOf(added, "x") !== largest.outputs[0]!.id) return undefined;
  const axesOf = (axes: unknown): string =>
    util.parseAxisParam(axes as number[], [...difference!.outputs[0]!.shape]).join();
  return axesOf(total.attrs["axis"]) === axesOf(largest.attrs["reductionIndices"]) ? difference : undefined;
}

/** The graph with every log-sum-exp bounded in what it subtracts. */
export function boundLogSumExp(graph: Graph): Graph {
  const writers = new Map(graph.nodes.flatMap((node) => node.outputs.map(({ id }) => [id, node] as const)));
  const found = new Set(graph.nodes.map((node) => subtractionOf(node, writers)).filter((node) => node !== undefined));
  if (found.size === 0) return graph;
  let fresh = Math.max(...[...graph.inputs, ...graph.constants].map(({ value }) => value.id), ...writers.keys());
  const nodes = graph.nodes.flatMap((node): GraphNode[] => {
    if (!found.has(node)) return [node];
    const largest = inputOf(node, "b");
    const known = writers.get(largest)!.outputs[0]!;
    const bounded: Value = { ...known, id: ++fresh };
    const clip = {
      kernel: "ClipByValue",
      inputs: [{ name: "x", id: largest }],
      attrs: { clipValueMin: -LARGEST, clipValueMax: LARGEST },
      outputs: [bounded],
      ...(node.origin !== undefined && { origin: node.origin }),
    };
    const inputs = node.inputs.map((input) => (input.name === "b" ? { name: "b", id: bounded.id } : input));
    return [clip, { ...node, inputs }];
  });
  return { ...graph, nodes };
}
