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
    const next = foldConstants(mergeCommonSubexpressions(moveReshapes(simplify(graph))));
    if (next === graph) break;
    graph = next;
  }
  return removeDeadCode(graph);
}
