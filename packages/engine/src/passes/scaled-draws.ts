/** Draws that a number multiplies, as the noise of a chain, have that deviation from the start. */
import { readsOf, type Graph, type GraphInput, type GraphNode } from "../graph.js";
import { inputOf, sameValue } from "./arithmetic.js";
import { fillOf } from "./constants.js";
import { rewrite, type Known, type Replacement } from "./rewrite.js";

/** Products of smaller numbers may underflow to zeros of either sign. */
const SMALLEST = 1e-30;

const isStandardNormal = ({ source }: GraphInput): boolean =>
  source.kind === "random" && source.draw.kind === "normal" && source.draw.mean === 0 && source.draw.sd === 1;

/**
 * Draws from N(0, s²) where a standard normal draw is multiplied by a constant s > 0 and by nothing
 * else. The bits are the same, because draws are multiplied by their deviation in float32.
 */
export function drawScaled(graph: Graph): Graph {
  const reads = readsOf(graph);
  const draws = new Set(
    graph.inputs
      .filter((input) => isStandardNormal(input) && reads.get(input.value.id) === 1)
      .map(({ value }) => value.id),
  );
  const scales = new Map<number, number>();
  const scaled = (node: GraphNode, draw: number, by: number, known: Known): Replacement | undefined => {
    const numbers = known.constant(by);
    const scale = numbers && fillOf(numbers);
    if (!draws.has(draw) || scale === undefined || !(scale >= SMALLEST)) return undefined;
    const same = sameValue(node, draw, known);
    if (same !== undefined) scales.set(draw, scale);
    return same;
  };
  const rewritten = rewrite(graph, (node, known) => {
    if (node.kernel !== "Multiply") return undefined;
    const [a, b] = [inputOf(node, "a"), inputOf(node, "b")];
    return scaled(node, a, b, known) ?? scaled(node, b, a, known);
  });
  const inputs = rewritten.inputs.map((input): GraphInput => {
    const sd = scales.get(input.value.id);
    const { source } = input;
    if (sd === undefined || source.kind !== "random" || source.draw.kind !== "normal") return input;
    return { ...input, source: { ...source, draw: { ...source.draw, sd } } };
  });
  return { ...rewritten, inputs };
}
