/** How a kernel is lowered on the blocked layout. */
import type { GraphNode, Value } from "../../graph.js";
import type { BlockedBuilder } from "./layout.js";
import type { Layout, Values } from "./values.js";

export interface BlockedCall extends BlockedBuilder {
  readonly node: GraphNode;
  readonly attrs: GraphNode["attrs"];
  readonly values: Values;
  /** An input by the kernel's own name for it; undefined for an optional one that is absent. */
  idOf(input: string): number | undefined;
  readonly output: Value;
  /** `make()`, or what it gave when it was last called for the same key; for layouts of weights. */
  once(key: string, make: () => string): string;
}

export interface Lowered {
  readonly layout: Layout;
  readonly name: string;
}

/** Undefined where the plain lowering should be used. */
export type BlockedLowering = (call: BlockedCall) => Lowered | undefined;
