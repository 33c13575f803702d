/**
 * Algebraic simplification: removes nodes that return their input, and turns chains into one node.
 * No bit of a result changes.
 */
import type { Graph } from "../graph.js";
import { arithmetic } from "./arithmetic.js";
import { broadcasts } from "./broadcasts.js";
import { layout } from "./layout.js";
import { rewrite, type Rule } from "./rewrite.js";

const tables: readonly Readonly<Record<string, Rule>>[] = [arithmetic, layout, broadcasts];

export const simplify = (graph: Graph): Graph =>
  rewrite(graph, (node, known) => {
    for (const rules of tables) {
      const replacement = rules[node.kernel]?.(node, known);
      if (replacement !== undefined) return replacement;
    }
    return undefined;
  });
