/**
 * Joins the products of a sum: Σ_t A_tᵀ B_t is one product of the concatenated A_t and B_t.
 *
 * The gradient of a weight that many steps share, as in a recurrence, is such a sum. Sums are taken
 * in another order, so results change by rounding, and the pass is not part of the clean-up.
 */
import { freshIds, readsOf, valuesOf, writersOf, type Graph, type GraphNode, type Value } from "../graph.js";
import { inputOf } from "./arithmetic.js";
import { inOrder } from "./in-order.js";

/** A_tᵀ B_t, of A `[k_t, m]` and B `[k_t, n]`. */
interface Product {
  readonly a: number;
  readonly b: number;
}

/** Matrices side by side along an axis. */
interface Concatenation {
  readonly parts: readonly number[];
  readonly axis: 0 | 1;
  readonly id: number;
}

const times = <T>(values: readonly T[], value: T): number => values.filter((one) => one === value).length;

/**
 * The pairs in the order in which `names` lists one of their members, or undefined if they differ.
 */
function arranged(pairs: readonly Product[], member: "a" | "b", names: readonly number[]): Product[] | undefined {
  const own = pairs.map((pair) => pair[member]);
  const same = own.length === names.length && names.every((id) => times(names, id) === times(own, id));
  if (!same) return undefined;
  const left = [...pairs];
  return names.map((id) => {
    const at = left.findIndex((pair) => pair[member] === id);
    return left.splice(at, 1)[0]!;
  });
}

/** The graph with joined products. It is the same object if there is nothing to join. */
export function joinProducts(graph: Graph): Graph {
  const values = valuesOf(graph);
  const writers = writersOf(graph.nodes);
  const reads = readsOf(graph);
  const freshId = freshIds(graph);
  const shapeOf = (id: number): readonly number[] => values.get(id)!.shape;

  /** The node that writes a value for one reader, if it is of this kernel. */
  const privateNode = (id: number, kernel: string): GraphNode | undefined => {
    const node = writers.get(id);
    return node?.kernel === kernel && reads.get(id) === 1 ? node : undefined;
  };

  /** The terms of a sum of equal shapes, and the additions inside it. */
  function termsOf(root: GraphNode): { readonly terms: readonly number[]; readonly inner: readonly GraphNode[] } {
    const shape = root.outputs[0]!.shape.join();
    const terms: number[] = [];
    const inner: GraphNode[] = [];
    const open = root.inputs.map(({ id }) => id);
    for (let id = open.shift(); id !== undefined; id = open.shift()) {
      const node = shapeOf(id).join() === shape ? privateNode(id, "Add") : undefined;
      if (node === undefined) {
        terms.push(id);
      } else {
        inner.push(node);
        open.unshift(...node.inputs.map((input) => input.id));
      }
    }
    return { terms, inner };
  }

  const productAt = (id: number): Product | undefined => {
    const node = privateNode(id, "BatchMatMul");
    if (node === undefined || node.attrs["transposeA"] !== true || node.attrs["transposeB"] === true) return undefined;
    const [a, b] = [inputOf(node, "a"), inputOf(node, "b")];
    return shapeOf(a).length === 2 && shapeOf(b).length === 2 ? { a, b } : undefined;
  };

  const joined: GraphNode[] = [];
  const add = (kernel: string, names: readonly (readonly [string, number])[], attrs: object, output: Value): number => {
    const inputs = names.map(([name, id]) => ({ name, id }));
    joined.push({ kernel, inputs, attrs: { ...attrs }, outputs: [output] });
    values.set(output.id, output);
    return output.id;
  };
  const fresh = (shape: readonly number[], dtype: Value["dtype"]): Value => ({ id: freshId(), shape, dtype });

  /** Matrices that are already joined. */
  const concatenations = graph.nodes.flatMap(({ kernel, inputs, attrs, outputs }): Concatenation[] => {
    const { axis } = attrs;
    if (kernel !== "Concat" || (axis !== 0 && axis !== 1) || outputs[0]!.shape.length !== 2) return [];
    return [{ parts: inputs.map(({ id }) => id), axis, id: outputs[0]!.id }];
  });
  function concatenated(parts: readonly number[], axis: 0 | 1): number {
    const found = concatenations.find((one) => one.axis === axis && one.parts.join() === parts.join());
    if (found !== undefined) return found.id;
    const { shape, dtype } = values.get(parts[0]!)!;
    const whole = [...shape];
    whole[axis] = parts.reduce((sum, id) => sum + shapeOf(id)[axis]!, 0);
    const named = parts.map((part, i) => [String(i), part] as const);
    const id = add("Concat", named, { axis }, fresh(whole, dtype));
    concatenations.push({ parts, axis, id });
    return id;
  }
  /** All rows of the parts as one matrix: one part after the other, or one row of each in turn. */
  function rowsOf(parts: readonly number[], axis: 0 | 1): number {
    const id = concatenated(parts, axis);
    if (axis === 0) return id;
    const { shape, dtype } = values.get(id)!;
    const rows = [shape[0]! * parts.length, shape[1]! / parts.length];
    return add("Reshape", [["x", id]], { shape: rows }, fresh(rows, dtype));
  }
  /** The pairs in the order of a concatenation that exists, if there is one, and its axis. */
  const inBestOrder = (pairs: readonly Product[]): { readonly ordered: readonly Product[]; readonly axis: 0 | 1 } => {
    for (const member of ["b", "a"] as const) {
      for (const { parts, axis } of concatenations) {
        const ordered = arranged(pairs, member, parts);
        if (ordered !== undefined) return { ordered, axis };
      }
    }
    return { ordered: pairs, axis: 0 };
  };

  const replaced = new Set<GraphNode>();
  for (const root of [...graph.nodes].reverse()) {
    if (root.kernel !== "Add" || replaced.has(root)) continue;
    const { terms, inner } = termsOf(root);
    const pairs = terms.flatMap((id) => productAt(id) ?? []);
    const [m, n] = root.outputs[0]!.shape as [number, number];
    const rows = pairs.reduce((sum, { a }) => sum + shapeOf(a)[0]!, 0);
    // Otherwise the concatenation moves more numbers than the additions that it saves.
    if (pairs.length < 2 || rows * (m + n) >= (pairs.length - 1) * m * n) continue;
    for (const node of [root, ...inner]) replaced.add(node);
    for (const id of terms) if (productAt(id) !== undefined) replaced.add(writers.get(id)!);
    const { ordered, axis } = inBestOrder(pairs);
    const factor = (member: "a" | "b"): number => {
      const parts = ordered.map((pair) => pair[member]);
      return rowsOf(parts, axis);
    };
    const [a, b] = [factor("a"), factor("b")];
    const others = terms.filter((id) => productAt(id) === undefined);
    const [output] = root.outputs as [Value];
    const resultOf = (at: number): Value => (at === others.length ? output : fresh(output.shape, output.dtype));
    let sum = add(
      "BatchMatMul",
      [
        ["a", a],
        ["b", b],
      ],
      { transposeA: true, transposeB: false },
      resultOf(0),
    );
    others.forEach((id, i) => {
      sum = add(
        "Add",
        [
          ["a", sum],
          ["b", id],
        ],
        {},
        resultOf(i + 1),
      );
    });
  }
  if (joined.length === 0) return graph;
  return { ...graph, nodes: inOrder([...graph.nodes.filter((node) => !replaced.has(node)), ...joined]) };
}
