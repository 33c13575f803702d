/**
 * Turns a recorded graph into JavaScript, which computes in float64 and rounds as asked.
 *
 * A value of one number becomes a local constant. Larger values that are computed entry by entry
 * share a loop with their neighbours, sums included (`loops.ts`). Slices, transposes and the like
 * are index maps of what they slice (`places.ts`). So a recursion over time is straight-line code,
 * and a regression one loop over its data.
 */
import { UnsupportedKernelError } from "../errors.js";
import { sizeOf, type Graph } from "../graph.js";
import type { Emitters } from "./emitters.js";
import { entrywise } from "./entrywise.js";
import { helped } from "./helped.js";
import { Loops } from "./loops.js";
import { moves } from "./moves.js";
import { renaming } from "./places.js";
import type { Rounding } from "./rounding.js";
import { Source } from "./source.js";

const emitters: Emitters = { ...entrywise, ...moves, ...helped };

/** Whether code can be generated for a kernel. */
export const supportsOnHost = (kernel: string): boolean => kernel in emitters || renaming.has(kernel);

/** What generated code computes, and the buffers that it reads and writes. */
export interface Generated {
  readonly source: Source;
  /** Buffers of the inputs and outputs, in the order of the graph. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** Additions, about, of one run. */
  readonly operations: number;
}

/** @throws UnsupportedKernelError for a kernel without code. */
export function generate(graph: Graph, rounding: Rounding): Generated {
  const source = new Source();
  const loops = new Loops(graph, source, rounding);
  const { places } = loops;
  const inputs = graph.inputs.map(({ value }) => {
    const buffer = places.buffer(value);
    if (sizeOf(value.shape) === 1) places.set(value, { scalar: `b${buffer}[0]` });
    return buffer;
  });
  graph.constants.forEach(({ value, data }) => places.constant(value, data));
  for (const node of graph.nodes) {
    if (renaming.has(node.kernel)) continue;
    const emit = emitters[node.kernel];
    if (emit === undefined) throw new UnsupportedKernelError(node.kernel, "host", []);
    emit(node, loops);
  }
  loops.flush();
  const outputs = graph.outputs.map((id) => {
    const place = places.inOrder(id);
    const buffer = source.buffer(places.countOf(id));
    places.copy(
      place,
      buffer,
      Int32Array.from({ length: places.countOf(id) }, (_, i) => i),
    );
    return buffer;
  });
  return { source, inputs, outputs, operations: places.operations };
}
