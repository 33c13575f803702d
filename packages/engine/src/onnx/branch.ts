/** Lowers a branch of a graph to an `If`. */
import type { GraphNode } from "../graph.js";
import type { Side } from "../passes/branches.js";
import type { Values } from "./blocked/values.js";
import type { OnnxBuilder } from "./builder.js";

/** Defines the results of `branch` in `values`. `lower` lowers a node of one of its sides. */
export function lowerBranch(
  builder: OnnxBuilder,
  branch: GraphNode,
  values: Values,
  lower: (node: GraphNode, values: Values) => void,
): void {
  const make =
    ({ nodes, outputs }: Side) =>
    (): string[] => {
      const inner = values.inside(nodes.flatMap((node) => node.outputs));
      for (const node of nodes) lower(node, inner);
      return outputs.map((id) => inner.in("plain", id));
    };
  const { then, otherwise } = branch.attrs as { readonly then: Side; readonly otherwise: Side };
  const condition = values.in("plain", branch.inputs[0]!.id);
  const results = builder.branch(condition, branch.outputs.length, make(then), make(otherwise));
  branch.outputs.forEach(({ id }, i) => values.define(id, "plain", results[i]!));
}
