/**
 * Products of slopes whose gradients are equal in all rows.
 *
 * The gradient of a network with one output starts with the same row r, its last weights, for every
 * example: (s ∘ r) Wᵀ with the slopes s of the last units. That is s (r ∘ W)ᵀ, and slopes of a leaky
 * unit are α + (1 - α) [y > 0]. So [y > 0] is multiplied by a matrix that all steps of a chain share.
 */
import { freshIds, sizeOf, type Graph, type GraphNode, type Value } from "../graph.js";
import { inputOf } from "../passes/arithmetic.js";
import { fillOf } from "../passes/constants.js";
import { factsOf, type Facts } from "./facts.js";

/** (s ∘ r) W, or with Wᵀ. */
interface Product {
  readonly node: GraphNode;
  readonly slopes: GraphNode;
  /** What makes the rows r: a matrix of equal entries times another matrix. */
  readonly rows: GraphNode;
}

function productAt(node: GraphNode, facts: Facts): Product | undefined {
  if (node.kernel !== "BatchMatMul" || node.outputs[0]!.shape.length !== 2 || node.attrs["transposeA"] === true) return;
  const slopes = facts.ownWriter(inputOf(node, "a"));
  if (slopes?.kernel !== "LeakyReluGrad" && slopes?.kernel !== "ReluGrad") return;
  const rows = facts.writer(inputOf(slopes, "dy"));
  if (rows?.kernel !== "BatchMatMul" || rows.attrs["transposeA"] === true) return;
  const equal = facts.constant(inputOf(rows, "a"));
  return equal === undefined || fillOf(equal) === undefined ? undefined : { node, slopes, rows };
}

const alphaOf = ({ slopes }: Product): number => (slopes.attrs["alpha"] as number | undefined) ?? 0;

/**
 * Products that share a matrix r ∘ W. Single ones are a group too, so that a step has the same
 * numbers alone as in a chain.
 */
function groupsOf(graph: Graph, facts: Facts): Product[][] {
  const groups = new Map<string, Product[]>();
  for (const node of graph.nodes) {
    const product = productAt(node, facts);
    if (product === undefined) continue;
    const { rows } = product;
    const key = [rows.outputs[0]!.id, inputOf(node, "b"), node.attrs["transposeB"], alphaOf(product)].join();
    groups.set(key, [...(groups.get(key) ?? []), product]);
  }
  return [...groups.values()];
}

/**
 * The graph with `IsPositive` and `Gemm` in place of such slopes and products. Sums are taken in
 * another order, so results change by rounding.
 */
export function fuseEqualRows(graph: Graph): Graph {
  const facts = factsOf(graph);
  const fresh = freshIds(graph);
  const constants = [...graph.constants];
  const replaced = new Map<GraphNode, readonly GraphNode[]>();
  for (const group of groupsOf(graph, facts)) {
    const [first] = group as [Product];
    const { node, rows } = first;
    const [alpha, weight] = [alphaOf(first), inputOf(node, "b")];
    const shared: GraphNode[] = [];
    const add = (
      kernel: string,
      named: Readonly<Record<string, number>>,
      shape: readonly number[],
      attrs = {},
    ): number => {
      const inputs = Object.entries(named).map(([name, id]) => ({ name, id }));
      const output: Value = { id: fresh(), shape, dtype: "float32" };
      shared.push({ kernel, inputs, attrs, outputs: [output] });
      return output.id;
    };
    const constant = (shape: readonly number[], number: number): number => {
      const value: Value = { id: fresh(), shape, dtype: "float32" };
      constants.push({ value, data: new Float32Array(sizeOf(shape)).fill(number) });
      return value.id;
    };
    const times = (id: number, number: number, shape: readonly number[]): number =>
      number === 1 ? id : add("Multiply", { a: id, b: constant([], number) }, shape);

    const { transposeB } = node.attrs;
    const [units, results] = [rows.outputs[0]!.shape[1]!, node.outputs[0]!.shape[1]!];
    const equal = inputOf(rows, "a");
    const ofOne = constant([1, facts.shapeOf(equal)[1]!], fillOf(facts.constant(equal)!)!);
    const row = add("BatchMatMul", { a: ofOne, b: inputOf(rows, "b") }, [1, units], rows.attrs);
    const beside = transposeB ? [1, units] : [units, 1];
    const slope = times(transposeB ? row : add("Reshape", { x: row }, beside, { shape: beside }), 1 - alpha, beside);
    const b = add("Multiply", { a: weight, b: slope }, facts.shapeOf(weight));
    const products = { transposeA: false, transposeB };
    const least = (): number =>
      times(add("BatchMatMul", { a: row, b: weight }, [1, results], products), alpha, [1, results]);
    const c = alpha === 0 ? [] : [{ name: "c", id: least() }];

    for (const { node: product, slopes } of group) {
      const inputs = [{ name: "a", id: slopes.outputs[0]!.id }, { name: "b", id: b }, ...c];
      const attrs = { ...products, alpha: 1, beta: 1 };
      const y = { name: "x", id: inputOf(slopes, "y") };
      const gemm: GraphNode = { ...product, kernel: "Gemm", inputs, attrs };
      replaced.set(slopes, [{ ...slopes, kernel: "IsPositive", inputs: [y], attrs: {} }]);
      replaced.set(product, product === node ? [...shared, gemm] : [gemm]);
    }
  }
  if (replaced.size === 0) return graph;
  return { ...graph, constants, nodes: graph.nodes.flatMap((node) => replaced.get(node) ?? [node]) };
}
