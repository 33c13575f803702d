/** Executors turn a recorded graph into a program. */
import type * as tf from "@tensorflow/tfjs-core";
import type { Graph, TypedArray } from "./graph.js";
import type { Numbers } from "./normal-range.js";

export type Feed = tf.Tensor | Numbers;

/**
 * A loaded graph. Feeds are in the order of `graph.inputs`, results in the order of
 * `graph.outputs`.
 *
 * After a run the arrays among its feeds are filled with other numbers. Results must not share
 * their memory.
 */
export interface Program {
  /** Indices of inputs whose feeds may be ranges of a normal draw, which the program makes. Default: none. */
  readonly draws?: ReadonlySet<number>;
  run(feeds: readonly Feed[]): Promise<tf.Tensor[]>;
  /**
   * What `use` makes of the numbers of the results, which later runs may change. Programs that have
   * the numbers without tensors offer it.
   */
  compute?<T>(feeds: readonly Numbers[], use: (results: readonly TypedArray[]) => T): Promise<T>;
  dispose(): Promise<void>;
}

export interface LoadOptions {
  /** Whether a small graph may run as generated JavaScript. Default true. */
  readonly smallAsCode?: boolean;
  /** Whether `compute` alone runs the program. Default false. */
  readonly onlyComputed?: boolean;
}

export interface Executor {
  supports(kernel: string): boolean;
  load(graph: Graph, options?: LoadOptions): Promise<Program>;
}
