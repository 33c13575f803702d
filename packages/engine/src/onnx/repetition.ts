/** Lowers blocks of nodes that repeat to a `Scan`, which holds one block. */
import type { GraphNode, Value } from "../graph.js";
import type { Repetition } from "../passes/repetition.js";
import type { Values } from "./blocked/values.js";
import type { OnnxBuilder } from "./builder.js";

/** Tensors of one shape as the rows of one tensor. */
function stack(builder: OnnxBuilder, names: readonly string[], { shape }: Value): string {
  const joined = shape.length === 0 ? names.map((name) => builder.reshape(name, [1])) : names;
  return builder.reshape(builder.op("Concat", joined, { axis: 0 }), [names.length, ...shape]);
}

/** Defines the values after `repetition` in `values`. `lower` lowers a node of the block. */
export function lowerRepetition(
  builder: OnnxBuilder,
  { count, nodes, carried, scanned, stacked }: Repetition,
  values: Values,
  lower: (node: GraphNode, values: Values) => void,
): void {
  const states = carried.map(({ initial, inside }) => ({ name: values.in("plain", initial), spec: inside }));
  const rows = scanned.map(({ parts, inside }) => ({
    name: stack(builder, parts.map((id) => values.in("plain", id)), inside), // prettier-ignore
    spec: inside,
  }));
  const read = [...carried, ...scanned].map(({ inside }) => inside);
  const results = builder.scan(count, states, rows, (names) => {
    const inner = values.inside([...read, ...nodes.flatMap(({ outputs }) => outputs)]);
    read.forEach(({ id }, i) => inner.define(id, "plain", names[i]!));
    for (const node of nodes) lower(node, inner);
    return [...carried.map(({ next }) => next), ...stacked.map(({ inside }) => inside)].map((id) =>
      inner.in("plain", id),
    );
  });
  carried.forEach(({ last }, i) => values.define(last.id, "plain", results[i]!));
  stacked.forEach(({ parts }, i) => {
    const rowsOf = builder.many("Split", [results[carried.length + i]!], count, { axis: 0, num_outputs: count });
    for (const [row, { id, shape }] of parts) values.define(id, "plain", builder.reshape(rowsOf[row]!, shape));
  });
}
