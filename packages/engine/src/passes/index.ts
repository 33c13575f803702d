/** Clean-up of recorded graphs. No pass changes a bit of a result on the plain CPU backend. */
import type { Graph } from "../graph.js";
import { removeDeadCode } from "./dead-code.js";
import { constantFolding } from "./fold-constants.js";
import { SeenBefore } from "./merge.js";
import { moveReshapes } from "./reshapes.js";
import { rewrite } from "./rewrite.js";
import { simplification } from "./simplify.js";

/**
 * Limits the rounds in case two rules undo each other. Otherwise rewrites only simplify, so they
 * reach a fixed point.
 */
const MOST_ROUNDS = 16;

/**
 * Removes dead code, then simplifies, folds and merges in one traversal. Its rules look at what a
 * node reads, which is settled before it. Where reshapes move afterwards, it is traversed again.
 */
export function cleanUp(recorded: Graph): Graph {
  const folding = constantFolding();
  let graph = removeDeadCode(recorded);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const settled = rewrite(
      graph,
      (node, known) => simplification(node, known) ?? folding(node, known),
      new SeenBefore(),
    );
    graph = moveReshapes(settled);
    if (graph === settled) break;
  }
  return removeDeadCode(graph);
}
