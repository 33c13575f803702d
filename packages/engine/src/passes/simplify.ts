/** Algebraic simplification: nodes that give back what they got, and chains that one node does. No result changes a bit. */
import type { Graph } from "../graph.js";
import { arithmetic } from "./arithmetic.js";
import { layout } from "./layout.js";
import { rewrite, type Rule } from "./rewrite.js";

const rules: Readonly<Record<string, Rule>> = { ...arithmetic, ...layout };

export const simplify = (graph: Graph): Graph => rewrite(graph, (node, known) => rules[node.kernel]?.(node, known));
