/**
 * Leaky units that are computed times 2^64, so that clipping them gives their slopes.
 *
 * A leaky unit of c x is c times that of x for every c > 0. The product before a unit is multiplied by
 * the factor and the products after it are divided by it, in the same operators. A power of 2 rounds
 * nothing. Units beyond 2^64 become infinite, where squares of floats do too.
 */
import { freshIds, type Constant, type Graph, type GraphNode, type Value } from "../graph.js";
import { inputOf } from "../passes/arithmetic.js";
import { factsOf, type Facts } from "./facts.js";
import { isProduct } from "./product-factors.js";
import { STEEP } from "./unit-gradients.js";

/** The unit of a product A W + b. */
interface Unit {
  readonly product: GraphNode;
  /** The addition of b, if there is one, and b. */
  readonly sum: { readonly node: GraphNode; readonly bias: number } | undefined;
  readonly unit: GraphNode;
}

/** The addition of the same row to all rows of a product, if that is all that reads it. */
function biasAfter(product: GraphNode, facts: Facts): Unit["sum"] {
  const [{ id, shape }] = product.outputs as [Value];
  const [node, ...others] = facts.usersOf(id);
  if (node?.kernel !== "Add" || others.length > 0 || facts.ownWriter(id) !== product || facts.isResult(id)) return;
  const bias = node.inputs.find((input) => input.id !== id)?.id;
  const size = bias === undefined ? [] : facts.shapeOf(bias);
  const isRow = size.at(-1) === shape[1] && size.slice(0, -1).every((one) => one === 1) && size.length <= 2;
  return isRow && node.outputs[0]!.shape.length === 2 ? { node, bias: bias! } : undefined;
}

/** Whether the unit is read by products of it alone, and by gradients that ask for its slopes. */
function isReadForSlopes(unit: GraphNode, facts: Facts): boolean {
  const { id } = unit.outputs[0]!;
  const users = facts.usersOf(id);
  const slopes = users.filter((user) => user.kernel === "LeakyReluGrad");
  return (
    slopes.length > 0 &&
    !facts.isResult(id) &&
    slopes.every((user) => inputOf(user, "dy") !== id) &&
    users.every((user) => slopes.includes(user) || (isFactor(user, facts) && inputOf(user, "b") !== id))
  );
}

/** Whether a node is a product of two matrices, whose first factor may have a factor of its own. */
const isFactor = (node: GraphNode, facts: Facts): boolean =>
  isProduct(node, facts) || (node.kernel === "Gemm" && node.outputs[0]!.shape.length === 2);

function unitsOf(graph: Graph, facts: Facts): Unit[] {
  return graph.nodes.flatMap((product) => {
    if (!isProduct(product, facts)) return [];
    const sum = biasAfter(product, facts);
    const { id } = (sum?.node ?? product).outputs[0]!;
    const [unit, ...others] = facts.usersOf(id);
    if (unit?.kernel !== "LeakyRelu" || others.length > 0 || facts.isResult(id)) return [];
    return (unit.attrs["alpha"] as number) > 0 && isReadForSlopes(unit, facts) ? [{ product, sum, unit }] : [];
  });
}

/** The graph with such units. `LeakyReluGrad` has the attribute `isSteep` where it reads one. */
export function fuseSteepUnits(graph: Graph): Graph {
  const facts = factsOf(graph);
  const units = unitsOf(graph, facts);
  if (units.length === 0) return graph;
  const fresh = freshIds(graph);
  const factor: Constant = { value: { id: fresh(), shape: [], dtype: "float32" }, data: Float32Array.of(STEEP) };
  const byProduct = new Map(units.map((one) => [one.product, one]));
  const steep = new Set(units.map(({ unit }) => unit.outputs[0]!.id));
  const replaced = new Map<GraphNode, readonly GraphNode[]>();
  const biases = new Map<number, number>();

  /** The bias times the factor, which all steps share. */
  function scaledBias(id: number): { readonly id: number; readonly made: readonly GraphNode[] } {
    const known = biases.get(id);
    if (known !== undefined) return { id: known, made: [] };
    const output: Value = { id: fresh(), shape: facts.shapeOf(id), dtype: "float32" };
    biases.set(id, output.id);
    const inputs = [
      { name: "a", id },
      { name: "b", id: factor.value.id },
    ];
    return { id: output.id, made: [{ kernel: "Multiply", inputs, attrs: {}, outputs: [output] }] };
  }

  for (const node of graph.nodes) {
    if (node.kernel === "LeakyReluGrad" && steep.has(inputOf(node, "y")))
      replaced.set(node, [{ ...node, attrs: { ...node.attrs, isSteep: true } }]);
    if (!isFactor(node, facts)) continue;
    const own = byProduct.get(node);
    const readsSteep = steep.has(inputOf(node, "a"));
    if (own === undefined && !readsSteep) continue;
    const sum = own === undefined ? biasAfter(node, facts) : own.sum;
    const alpha = ((node.attrs["alpha"] as number | undefined) ?? 1) * (own ? STEEP : 1) * (readsSteep ? 1 / STEEP : 1);
    const bias =
      sum === undefined || node.inputs.length > 2
        ? undefined
        : own === undefined
          ? { id: sum.bias, made: [] }
          : scaledBias(sum.bias);
    const inputs = bias === undefined ? node.inputs : [...node.inputs, { name: "c", id: bias.id }];
    const attrs = { ...node.attrs, alpha, beta: inputs.length > 2 ? (node.attrs["beta"] ?? 1) : 0 };
    const outputs = bias === undefined ? node.outputs : sum!.node.outputs;
    const gemm: GraphNode = { ...node, kernel: "Gemm", inputs, attrs, outputs };
    // A bias may be written between the product and its addition.
    replaced.set(node, bias === undefined ? [gemm] : []);
    if (bias !== undefined) replaced.set(sum!.node, [...bias.made, gemm]);
  }
  const nodes = graph.nodes.flatMap((node) => replaced.get(node) ?? [node]);
  return { ...graph, constants: [...graph.constants, factor], nodes };
}
