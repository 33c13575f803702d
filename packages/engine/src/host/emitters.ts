/** What writes the code of a kernel. */
import type { GraphNode } from "../graph.js";
import type { Loops } from "./loops.js";

/** Writes the code of a node, and says where its outputs are. */
export type Emitter = (node: GraphNode, loops: Loops) => void;

/** Emitters by the name of their kernel. */
export type Emitters = Readonly<Record<string, Emitter>>;
