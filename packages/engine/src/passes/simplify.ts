/**
 * Algebraic simplification: removes nodes that return their input, and turns chains into one node.
 * No bit of a result changes.
 */
import type { Graph } from "../graph.js";
import { arithmetic } from "./arithmetic.js";
import { layout } from "./layout.js";
import { rewrite, type Rule } from "./rewrite.js";

const rules: Readonly<Record<string, Rule>> = { ...arithmetic, ...layout };

export const simplify = (graph: Graph): Graph => rewrite(graph, (node, known) => rules[node.kernel]?.(node, known));
