/** Clean-up of recorded graphs. No pass changes a bit of a result on the plain CPU backend. */
import type { Graph } from "../graph.js";
import { removeDeadCode } from "./dead-code.js";
import { foldConstants } from "./fold-constants.js";
import { mergeCommonSubexpressions } from "./merge.js";
import { simplify } from "./simplify.js";

export { foldConstants, mergeCommonSubexpressions, removeDeadCode, simplify };

/** Every rewrite makes a graph smaller, so a fixed point is reached; the bound only guards against two rules that undo one another. */
const MOST_ROUNDS = 16;

/** Simplifies, merges and folds until nothing changes, then drops what no output needs. */
export function cleanUp(graph: Graph): Graph {
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const next = foldConstants(mergeCommonSubexpressions(simplify(graph)));
    if (next === graph) break;
    graph = next;
  }
  return removeDeadCode(graph);
}
