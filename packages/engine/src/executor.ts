/** Executors turn a recorded graph into a program. */
import type * as tf from "@tensorflow/tfjs-core";
import type { Graph, TypedArray } from "./graph.js";

/**
 * A loaded graph. Feeds are in the order of `graph.inputs`, results in the order of
 * `graph.outputs`.
 *
 * After a run the arrays among its feeds are filled with other numbers. Results must not share
 * their memory.
 */
export interface Program {
  /** Whether arrays among the feeds may be in memory that threads share. Default false. */
  readonly readsShared?: boolean;
  run(feeds: readonly (tf.Tensor | TypedArray)[]): Promise<tf.Tensor[]>;
  /**
   * What `use` makes of the numbers of the results, which later runs may change. Programs that have
   * the numbers without tensors offer it.
   */
  compute?<T>(feeds: readonly TypedArray[], use: (results: readonly TypedArray[]) => T): Promise<T>;
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
