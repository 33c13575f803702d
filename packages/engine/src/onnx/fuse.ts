/**
 * Fuses kernels that ONNX Runtime computes in one pass.
 *
 * These are selections, leaky units, products with factors and summands, sums of squares,
 * reciprocals and, with a blocked layout, a convolution with the following bias, residual and
 * activation. The graph computes the same; its kernels may be ones that TensorFlow.js does not
 * have.
 */
import type { Graph, GraphNode, Value } from "../graph.js";
import { inputOf } from "../passes/arithmetic.js";
import { fuseLeakyUnits } from "../passes/leaky-units.js";
import { geometryOf, isFusedActivation, type Filter } from "./blocked/convolutions.js";
import { isDirect } from "./blocked/input-gradient.js";
import { fuseEqualRows } from "./equal-rows.js";
import { factsOf, type Facts } from "./facts.js";
import { fuseReciprocals } from "./reciprocals.js";
import { fuseProductFactors } from "./product-factors.js";
import { fuseProductSummands } from "./product-summands.js";
import { fuseProductSums } from "./product-sums.js";
import { shrinkConditions } from "./selections.js";
import { fuseSumsOfSquares } from "./sums-of-squares.js";

const outputOf = (node: GraphNode): Value => node.outputs[0]!;

/**
 * Whether a convolution ends in blocked operators alone. A transposed convolution does not if it
 * has few channels, pixels that no tap reaches, or dilations.
 */
function canFinish(node: GraphNode, block: number, facts: Facts): boolean {
  if (node.attrs["dataFormat"] === "NCHW") return false;
  if (node.kernel === "Conv2D") return true;
  if (node.kernel !== "Conv2DBackpropInput") return false;
  const [rows, columns, channels] = facts.values.get(inputOf(node, "filter"))!.shape as [number, number, number];
  const [down, right] = [node.attrs["strides"]].flat(2) as [number, number | undefined];
  const dilated = [node.attrs["dilations"] ?? 1].flat().some((dilation) => dilation !== 1);
  return channels >= block && rows >= down && columns >= (right ?? down) && !dilated;
}

/**
 * Whether one convolution computes the whole result, so that it can add an image to it. A transposed
 * convolution with strides computes the result in phases.
 */
function canAdd(node: GraphNode, facts: Facts): boolean {
  if (node.kernel === "Conv2D") return true;
  const filter = facts.values.get(inputOf(node, "filter"))!.shape as unknown as Filter;
  return isDirect(geometryOf(outputOf(node).shape, filter, node.attrs)!);
}

function fuseConvolutions(graph: Graph, block: number): Graph {
  const facts = factsOf(graph);
  const absorbed = new Set<GraphNode>();
  const fused = new Map<GraphNode, GraphNode>();
  for (const node of graph.nodes) {
    if (absorbed.has(node) || !canFinish(node, block, facts)) continue;
    const { shape } = outputOf(node);
    const extra: { name: string; id: number }[] = [];
    const attrs: Record<string, unknown> = { ...node.attrs };
    let last = node;
    const take = (next: GraphNode): void => {
      absorbed.add(last);
      last = next;
    };
    for (;;) {
      const { id } = outputOf(last);
      const users = facts.usersOf(id);
      const next = users[0];
      if (users.length !== 1 || next?.kernel !== "Add" || facts.isResult(id)) break;
      // If two convolutions are added to each other, only the first one absorbs the sum.
      if (absorbed.has(next) || fused.has(next)) break;
      const other = next.inputs.map((one) => one.id).find((one) => one !== id);
      if (other === undefined || outputOf(next).shape.join() !== shape.join()) break;
      const sizes = facts.values.get(other)!.shape;
      const isBias = sizes.at(-1) === shape[3] && sizes.slice(0, -1).every((size) => size === 1) && sizes.length <= 4;
      const isSum = sizes.join() === shape.join() && canAdd(node, facts);
      const name = isBias ? "bias" : isSum ? "sum" : undefined;
      if (name === undefined || extra.some((one) => one.name === name)) break;
      extra.push({ name, id: other });
      take(next);
    }
    const { id } = outputOf(last);
    const [activation, ...others] = facts.usersOf(id);
    if (
      activation !== undefined &&
      others.length === 0 &&
      isFusedActivation(activation.kernel) &&
      !facts.isResult(id)
    ) {
      attrs["activation"] = activation.kernel;
      if (activation.kernel === "LeakyRelu") attrs["alpha"] = activation.attrs["alpha"];
      take(activation);
    }
    if (last === node) continue;
    fused.set(last, { ...node, inputs: [...node.inputs, ...extra], attrs, outputs: last.outputs });
  }
  const nodes = graph.nodes.filter((node) => !absorbed.has(node)).map((node) => fused.get(node) ?? node);
  return { ...graph, nodes };
}

/**
 * Fuses a graph. `block` is undefined if the layout of ONNX Runtime's fast convolutions is not
 * used.
 */
export function fuse(graph: Graph, block: number | undefined): Graph {
  const products = fuseProductSums(fuseProductFactors(fuseEqualRows(fuseLeakyUnits(shrinkConditions(graph)))));
  const fused = fuseProductSummands(fuseReciprocals(fuseSumsOfSquares(products)));
  return block === undefined ? fused : fuseConvolutions(fused, block);
}
