/**
 * Algebraic simplification: removes nodes that return their input, and turns chains into one node.
 * No bit of a result changes.
 */
import { arithmetic } from "./arithmetic.js";
import { broadcasts } from "./broadcasts.js";
import { layout } from "./layout.js";
import type { Rule } from "./rewrite.js";

const tables: readonly Readonly<Record<string, Rule>>[] = [arithmetic, layout, broadcasts];

const rules = new Map<string, readonly Rule[]>();
for (const table of tables) {
  for (const [kernel, rule] of Object.entries(table)) rules.set(kernel, [...(rules.get(kernel) ?? []), rule]);
}

/** The first of the rules for a kernel that replaces the node. */
export const simplification: Rule = (node, known) => {
  for (const rule of rules.get(node.kernel) ?? []) {
    const replacement = rule(node, known);
    if (replacement !== undefined) return replacement;
  }
  return undefined;
};
