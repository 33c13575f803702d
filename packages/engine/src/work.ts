/** Counts the multiply-adds of compiled programs: those of convolutions and matrix products. */
import { sizeOf, valuesOf, type ById, type Graph, type GraphNode, type TensorSpec } from "./graph.js";
import { cleanUp } from "./passes/index.js";

type Shape = readonly number[];

/** Products of each entry of a result, by kernel. `of` gives the shape of a named input. */
const products: Readonly<Record<string, (node: GraphNode, of: (name: string) => Shape) => number>> = {
  BatchMatMul({ attrs, outputs }, of) {
    const a = of("a");
    return sizeOf(outputs[0]!.shape) * a.at(attrs["transposeA"] === true ? -2 : -1)!;
  },
  Conv2D: ({ outputs }, of) => sizeOf(outputs[0]!.shape) * sizeOf(of("filter").slice(0, 3)),
  Conv2DBackpropInput: (_, of) => sizeOf(of("dy")) * sizeOf(of("filter").slice(0, 3)),
  Conv2DBackpropFilter: ({ outputs }, of) => sizeOf(of("dy")) * sizeOf(outputs[0]!.shape.slice(0, 3)),
  DepthwiseConv2dNative: ({ outputs }, of) => sizeOf(outputs[0]!.shape) * sizeOf(of("filter").slice(0, 2)),
};

/** The multiply-adds of a node. Kernels that are no products have none. */
export const multiplyAddsOf = (node: GraphNode, values: Pick<ById<TensorSpec>, "get">): number =>
  products[node.kernel]?.(node, (name) => values.get(node.inputs.find((input) => input.name === name)!.id)!.shape) ?? 0;

/** The multiply-adds of a graph that is cleaned up as executors do. */
export function multiplyAdds(graph: Graph): number {
  const clean = cleanUp(graph);
  const values = valuesOf(clean);
  return clean.nodes.reduce((total, node) => total + multiplyAddsOf(node, values), 0);
}

let running: { total: number } | undefined;
const counted = new WeakMap<Graph, number>();

/** Adds a run of a program to the count in progress, if there is one. */
export function noteRun(graph: Graph): void {
  if (running === undefined) return;
  const known = counted.get(graph) ?? multiplyAdds(graph);
  counted.set(graph, known);
  running.total += known;
}

/**
 * The multiply-adds of convolutions and matrix products in the compiled programs that `job` runs.
 *
 * Kernels outside `compile` are not counted. Counts do not overlap: one at a time.
 */
export async function countMultiplyAdds<T>(job: () => Promise<T>): Promise<{ result: T; multiplyAdds: number }> {
  const count = { total: 0 };
  running = count;
  try {
    return { result: await job(), multiplyAdds: count.total };
  } finally {
    running = undefined;
  }
}
