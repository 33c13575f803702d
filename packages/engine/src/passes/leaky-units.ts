/**
 * Fuses the gradients of rectified and leaky units into kernels that executors run fast.
 *
 * - `Select(y > 0, d, α d)`, the gradient of the leaky unit with α in [0, 1], becomes
 *   `LeakyReluGrad(dy: d, y)`.
 * - `Select(y <= 0, 0, d)`, the gradient of the rectified unit, becomes `ReluGrad(dy: d, y)`.
 *
 * This pass is not part of the clean-up, because TensorFlow.js lacks these gradient kernels.
 */
import type { Graph, GraphNode } from "../graph.js";
import { inputOf, isFilledWith } from "./arithmetic.js";
import { removeDeadCode } from "./dead-code.js";
import { renameInputs, rewrite, type Known, type Rule } from "./rewrite.js";

/** The number of a constant with one entry. */
const scalar = (known: Pick<Known, "constant">, id: number): number | undefined => {
  const data = known.constant(id);
  return data?.length === 1 ? data[0] : undefined;
};

const leakyGradient: Rule = (node, known) => {
  if (node.kernel !== "Select") return undefined;
  const condition = known.writer(inputOf(node, "condition"));
  const scaled = known.writer(inputOf(node, "e"));
  if (condition?.kernel !== "Greater" || scaled?.kernel !== "Multiply") return undefined;
  const [dy, y] = [inputOf(node, "t"), inputOf(condition, "a")];
  const factors = scaled.inputs.map(({ id }) => id);
  const alpha = scalar(known, factors.find((id) => id !== dy) ?? dy);
  const isLeaky = alpha !== undefined && alpha >= 0 && alpha <= 1 && scalar(known, inputOf(condition, "b")) === 0;
  const sameShape = [dy, y].every((id) => known.spec(id).shape.join() === node.outputs[0]!.shape.join());
  if (!isLeaky || !factors.includes(dy) || !sameShape) return undefined;
  const inputs = [
    { name: "dy", id: dy },
    { name: "y", id: y },
  ];
  return { node: { ...node, kernel: "LeakyReluGrad", inputs, attrs: { alpha } } };
};

const isZero = (known: Known, id: number): boolean =>
  known.writer(id)?.kernel === "ZerosLike" || isFilledWith(known.constant(id), 0);

const rectifiedGradient: Rule = (node, known) => {
  if (node.kernel !== "Select" || !isZero(known, inputOf(node, "t"))) return undefined;
  const condition = known.writer(inputOf(node, "condition"));
  if (condition?.kernel !== "LessEqual" || scalar(known, inputOf(condition, "b")) !== 0) return undefined;
  const [dy, y] = [inputOf(node, "e"), inputOf(condition, "a")];
  if (![dy, y].every((id) => known.spec(id).shape.join() === node.outputs[0]!.shape.join())) return undefined;
  const inputs = [
    { name: "dy", id: dy },
    { name: "y", id: y },
  ];
  return { node: { ...node, kernel: "ReluGrad", inputs, attrs: {} } };
};

const gradient: Rule = (node, known) => leakyGradient(node, known) ?? rectifiedGradient(node, known);

const hasPositiveSlope = (node: GraphNode): boolean =>
  node.kernel === "Relu" || (node.kernel === "LeakyRelu" && (node.attrs["alpha"] as number) > 0);

/** Whether the user needs only the sign of the value. The activated value has the same sign. */
const asksSign = (known: Pick<Known, "constant">, user: GraphNode, id: number): boolean =>
  ((user.kernel === "LeakyReluGrad" || user.kernel === "ReluGrad") &&
    inputOf(user, "y") === id &&
    inputOf(user, "dy") !== id) ||
  (user.kernel === "Step" && user.attrs["alpha"] === 0) ||
  (user.kernel === "Greater" && inputOf(user, "a") === id && scalar(known, inputOf(user, "b")) === 0);

/**
 * Moves sign tests to the activated value, so that only the activation uses the value before it.
 */
function askAfterActivation(graph: Graph): Graph {
  const constants = new Map(graph.constants.map(({ value, data }) => [value.id, data]));
  const known = { constant: (id: number) => constants.get(id) };
  const activated = new Map<number, number>();
  let changed = false;
  const nodes = graph.nodes.map((node) => {
    if (hasPositiveSlope(node)) activated.set(inputOf(node, "x"), node.outputs[0]!.id);
    const renamed = renameInputs(node, (id) => (asksSign(known, node, id) ? (activated.get(id) ?? id) : id));
    changed ||= renamed !== node;
    return renamed;
  });
  return changed ? { ...graph, nodes } : graph;
}

export const fuseLeakyUnits = (graph: Graph): Graph => askAfterActivation(removeDeadCode(rewrite(graph, gradient)));
