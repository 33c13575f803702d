/** Clean-up of recorded graphs. No pass changes a bit of a result on the plain CPU backend. */
import type { Graph } from "../graph.js";
import { removeDeadCode } from "./dead-code.js";
import { foldConstants } from "./fold-constants.js";
import { mergeCommonSubexpressions } from "./merge.js";
import { moveReshapes } from "./reshapes.js";
import { simplify } from "./simplify.js";

export { foldConstants, mergeCommonSubexpressions, moveReshapes, removeDeadCode, simplify };

/**
 * Limits the rounds in case two rules undo each other. Otherwise rewrites only simplify, so they
 * reach a fixed point.
 */
const MOST_ROUNDS = 16;

/** Removes dead code, then simplifies, merges and folds until nothing changes. */
export function cleanUp(recorded: Graph): Graph {
  let graph = removeDeadCode(recorded);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const moved = moveReshapes(simplify(graph));
    const merged = mergeCommonSubexpressions(moved);
    const folded = foldConstants(merged);
    // Constants that were merged, without nodes, leave the other passes nothing to do.
    const isSettled = moved === graph && folded === merged && merged.nodes.length === graph.nodes.length;
    graph = folded;
    if (isSettled) break;
  }
  return removeDeadCode(graph);
}
