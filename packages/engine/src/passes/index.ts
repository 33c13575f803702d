/** Clean-up of recorded graphs. No pass changes a bit of a result on the plain CPU backend. */
import type { Graph } from "../graph.js";
import { removeDeadCode } from "./dead-code.js";
import { foldConstants } from "./fold-constants.js";
import { mergeCommonSubexpressions } from "./merge.js";
import { simplify } from "./simplify.js";

export { foldConstants, mergeCommonSubexpressions, removeDeadCode, simplify };

/** Rewrites only ever simplify, so a fixed point is reached; the bound guards against two rules that undo one another. */
const MOST_ROUNDS = 16;

/** Drops what no output needs, and simplifies, merges and folds the rest until nothing changes. */
export function cleanUp(recorded: Graph): Graph {
  let graph = removeDeadCode(recorded);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const next = foldConstants(mergeCommonSubexpressions(simplify(graph)));
    if (next === graph) break;
    graph = next;
  }
  return removeDeadCode(graph);
}
