/** Lowers a kernel on the blocked layout. */
import type { GraphNode, Value } from "../../graph.js";
import type { BlockedBuilder } from "./layout.js";
import type { Layout, Values } from "./values.js";

export interface BlockedCall extends BlockedBuilder {
  readonly node: GraphNode;
  readonly attrs: GraphNode["attrs"];
  readonly values: Values;
  /** The id of an input by its name in the kernel. Undefined for an absent optional input. */
  idOf(input: string): number | undefined;
  readonly output: Value;
}

export interface Lowered {
  readonly layout: Layout;
  readonly name: string;
}

/** Undefined if the plain lowering should be used. */
export type BlockedLowering = (call: BlockedCall) => Lowered | undefined;
