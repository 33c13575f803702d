/**
 * Indices that begin with the number of their own line, as in `stack([range(0, n), classes], 1)`.
 *
 * A gather at them reads one place of each line, so it is computed by rows although its indices count
 * the lines of all rows. Some rows count from 0 again.
 */
import type { Constant, Graph, GraphNode } from "../graph.js";
import { inputOf } from "../passes/arithmetic.js";

export interface Numbered {
  /** The ids of such indices. */
  readonly indices: ReadonlySet<number>;
  /** The constants 0, 1, 2, ... in them, by their ids. Nothing else reads them. */
  readonly numbers: ReadonlySet<number>;
}

const counts = ({ value, data }: Constant): boolean =>
  value.shape.length === 1 && value.dtype === "int32" && data.every((number, i) => number === i);

export function numberedIndices(graph: Graph): Numbered {
  const counters = new Set(graph.constants.filter(counts).map(({ value }) => value.id));
  const stacks = graph.nodes.filter(
    ({ kernel, attrs, inputs }) =>
      kernel === "Pack" && [1, -1].includes(attrs["axis"] as number) && counters.has(inputs[0]!.id),
  );
  const indices = new Set(stacks.map(({ outputs }) => outputs[0]!.id));
  const isGather = (node: GraphNode): boolean => node.kernel === "GatherNd" || node.kernel === "TensorScatterUpdate";
  /** Values that something reads in another way. */
  const elsewhere = new Set(graph.outputs);
  for (const node of graph.nodes) {
    node.inputs.forEach(({ id }, i) => {
      const first = node.kernel === "Pack" && i === 0 && indices.has(node.outputs[0]!.id);
      if (!first && !(isGather(node) && inputOf(node, "indices") === id)) elsewhere.add(id);
    });
  }
  const alone = stacks.filter(({ inputs, outputs }) => !elsewhere.has(inputs[0]!.id) && !elsewhere.has(outputs[0]!.id));
  return {
    indices: new Set(alone.map(({ outputs }) => outputs[0]!.id)),
    numbers: new Set(alone.map(({ inputs }) => inputs[0]!.id)),
  };
}
