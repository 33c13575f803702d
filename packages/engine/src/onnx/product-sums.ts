/**
 * Sums of products and other tensors, each times a number, as few operators.
 *
 * A step of a chain, x - s (A W + x) + n, is 1 - s times x, plus n, minus s times a product: one
 * addition and one product that adds to what it is given.
 */
import { freshIds, type Constant, type Graph, type GraphNode, type Value } from "../graph.js";
import { inputOf } from "../passes/arithmetic.js";
import { renameInputs } from "../passes/rewrite.js";
import { factsOf, type Facts } from "./facts.js";
import { scaledOf, type Scaled } from "./factors.js";
import { isProduct } from "./product-factors.js";

/** Σ factor · product + Σ factor · value, computed by `nodes` and the products. */
interface Sum {
  readonly products: (readonly [GraphNode, number])[];
  readonly values: Map<number, number>;
  readonly nodes: GraphNode[];
}

/** What a node adds: values, each times a number. Undefined if its kernel computes something else. */
function termsOf(node: GraphNode, facts: Facts): readonly Scaled[] | undefined {
  const scaled = scaledOf(node, facts);
  if (scaled !== undefined) return [scaled];
  const [output] = node.outputs;
  if ((node.kernel !== "Add" && node.kernel !== "Sub") || output!.dtype !== "float32") return undefined;
  const whole = (id: number): boolean => facts.shapeOf(id).join() === output!.shape.join();
  const [a, b] = [inputOf(node, "a"), inputOf(node, "b")];
  if (!whole(a) || !whole(b)) return undefined;
  return [
    { factor: 1, id: a },
    { factor: node.kernel === "Add" ? 1 : -1, id: b },
  ];
}

/**
 * The sum that a node computes. Undefined if its kernel computes something else, or if there are more
 * than `most` values in it.
 */
function sumOf(root: GraphNode, facts: Facts, most = Infinity): Sum | undefined {
  const terms = termsOf(root, facts);
  if (terms === undefined) return undefined;
  const sum: Sum = { products: [], values: new Map(), nodes: [root] };
  const add = (id: number, factor: number): unknown => sum.values.set(id, (sum.values.get(id) ?? 0) + factor);
  const open = [...terms].reverse();
  for (let term = open.pop(); term !== undefined && sum.values.size <= most; term = open.pop()) {
    const { factor, id } = term;
    const node = facts.ownWriter(id);
    const inner = node === undefined ? undefined : termsOf(node, facts);
    if (node !== undefined && isProduct(node, facts)) {
      sum.products.push([node, factor]);
    } else if (node === undefined || inner === undefined) {
      add(id, factor);
    } else if (Math.abs(factor) === 1) {
      sum.nodes.push(node);
      for (const one of [...inner].reverse()) open.push({ factor: factor * one.factor, id: one.id });
    } else {
      // Tensors may cancel exactly, and no longer once a factor has rounded each. Products are rounded
      // anyway.
      const single = sumOf(node, facts, 1);
      if (single === undefined) {
        add(id, factor);
        continue;
      }
      for (const [product, own] of single.products) sum.products.push([product, factor * own]);
      for (const [value, own] of single.values) add(value, factor * own);
      sum.nodes.push(...single.nodes);
    }
  }
  return sum.values.size <= most ? sum : undefined;
}

/** The number that multiplies the most values, up to its sign. */
function commonFactor({ values }: Sum): number {
  const factors = [...values.values()];
  const times = (factor: number): number => factors.filter((one) => Math.abs(one) === Math.abs(factor)).length;
  return factors.reduce((best, one) => (times(one) > times(best) ? one : best), factors[0] ?? 1);
}

/** The operators that a sum takes as recorded. A product takes one summand (`product-summands.ts`). */
function operatorsOf({ products, nodes }: Sum): number {
  const plain = new Set(
    products.flatMap(([{ kernel, outputs }]) => (kernel === "BatchMatMul" ? [outputs[0]!.id] : [])),
  );
  const joined = nodes.filter(({ kernel, inputs }) => kernel === "Add" && inputs.some(({ id }) => plain.has(id)));
  return nodes.length + products.length - joined.length;
}

/**
 * The graph with `Gemm` in place of products in such sums, where that takes fewer operators. Sums are
 * taken in another order, so results change by rounding.
 */
export function fuseProductSums(graph: Graph): Graph {
  const facts = factsOf(graph);
  const fresh = freshIds(graph);
  const numbers = new Map<number, Constant>();
  const replaced = new Map<GraphNode, readonly GraphNode[]>();
  const aliases = new Map<number, number>();

  function constant(number: number): number {
    const known = numbers.get(number);
    if (known !== undefined) return known.value.id;
    const value: Value = { id: fresh(), shape: [], dtype: "float32" };
    numbers.set(number, { value, data: Float32Array.of(number) });
    return value.id;
  }

  /**
   * The nodes of a sum, the last of which writes it. Other results have ids of nodes that the sum lacks
   * now.
   */
  function written({ products, values, nodes }: Sum, common: number): GraphNode[] {
    const [root] = nodes as [GraphNode];
    const free = [...nodes.slice(1), ...products.map(([node]) => node)].map(({ outputs }) => outputs[0]!.id);
    const made: GraphNode[] = [];
    const add = (kernel: string, named: Readonly<Record<string, number>>, attrs: GraphNode["attrs"] = {}): number => {
      const inputs = Object.entries(named).map(([name, id]) => ({ name, id }));
      const output: Value = { ...root.outputs[0]!, id: free.pop() ?? root.outputs[0]!.id };
      made.push({ ...root, kernel, inputs, attrs, outputs: [output] });
      return output.id;
    };
    const scaled = (id: number, factor: number): number => add("Multiply", { a: id, b: constant(factor) });
    const ordered = Array.from(values, ([id, factor]) => [id, factor / common] as const);
    const lead = ordered.find(([, ratio]) => ratio === 1);
    let sum = lead?.[0];
    for (const [b, ratio] of ordered.filter((one) => one !== lead)) {
      const a = sum!;
      if (ratio === -1) sum = add("Sub", { a, b });
      else sum = add("Add", { a, b: ratio === 1 ? b : scaled(b, ratio) });
    }
    let beta = common;
    for (const [{ inputs, attrs }, factor] of products) {
      const [a, b] = [inputs[0]!.id, inputs[1]!.id];
      const alpha = factor * ((attrs["alpha"] as number | undefined) ?? 1);
      sum = add("Gemm", { a, b, ...(sum === undefined ? {} : { c: sum }) }, { ...attrs, alpha, beta });
      beta = 1;
    }
    if (beta !== 1) scaled(sum!, beta);
    const last = made.pop();
    return last === undefined ? [] : [...made, { ...last, outputs: root.outputs }];
  }

  /** Nodes of sums without products. Of these, only sums of one value take fewer operators. */
  const plain = new Set<GraphNode>();
  for (const root of [...graph.nodes].reverse()) {
    const sum = replaced.has(root) ? undefined : sumOf(root, facts, plain.has(root) ? 1 : Infinity);
    if (sum === undefined) continue;
    const { products, values, nodes } = sum;
    if (products.length === 0) for (const node of nodes) plain.add(node);
    if ([...values.values()].includes(0)) continue;
    if (products.length === 0 && values.size > 1) continue;
    const common = commonFactor(sum);
    const uneven = [...values.values()].filter((factor) => Math.abs(factor) !== Math.abs(common)).length;
    const operators =
      products.length + Math.max(0, values.size - 1) + uneven + Number(products.length === 0 && common !== 1);
    if (operators >= operatorsOf(sum)) continue;
    for (const node of [...nodes, ...products.map(([product]) => product)]) replaced.set(node, []);
    replaced.set(root, written(sum, common));
    if (operators === 0) aliases.set(root.outputs[0]!.id, [...values.keys()][0]!);
  }
  if (replaced.size === 0) return graph;
  const current = (id: number): number => {
    const alias = aliases.get(id);
    return alias === undefined ? id : current(alias);
  };
  const nodes = graph.nodes.flatMap((node) => replaced.get(node) ?? [node]).map((node) => renameInputs(node, current));
  return { ...graph, constants: [...graph.constants, ...numbers.values()], nodes, outputs: graph.outputs.map(current) };
}
