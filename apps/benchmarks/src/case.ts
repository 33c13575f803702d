/** A benchmark case: work that is prepared once and then called many times. */
import type * as tf from "@tensorflow/tfjs-core";
import type { EngineName } from "@ergodic/engine";
import { tree, type TensorTree } from "@ergodic/tensor";

export interface Prepared {
  /** Does the work once. Returns one number of its result, so that a wrong result shows. */
  call(): Promise<number>;
  /**
   * Tensors on which all peers have to agree up to rounding.
   *
   * They contain no noise, because each peer draws its own. Absent for cases without such tensors.
   */
  check?(): Promise<readonly tf.Tensor[]>;
}

export interface Case {
  /** Short name, for `--cases` and for the function of that name in the scripts of `peers/`. */
  readonly name: string;
  readonly title: string;
  /** Unit of the figure, and the number of units per millisecond of one call. */
  readonly unit: { readonly label: string; readonly perMillisecond: number };
  /** Engines on which the case takes acceptable time. */
  readonly engines: readonly EngineName[];
  /**
   * Calls per sample on compiled engines and in peers. An eager engine makes one call per sample.
   */
  readonly calls: number;
  /** Prepares the case. The process has chosen its engine before. */
  prepare(): Promise<Prepared>;
}

export const milliseconds = { label: "ms", perMillisecond: 1 } as const;

/** The first number of a result. Disposes the result. */
export function firstNumber(result: TensorTree): number {
  const value = tree.leaves(result)[0]!.dataSync()[0]!;
  tree.dispose(result);
  return value;
}

/** Work that returns the same tensors in every call. Peers are compared by these tensors. */
export const repeatable = (work: () => Promise<TensorTree>): Prepared => ({
  call: async () => firstNumber(await work()),
  check: async () => tree.leaves(await work()),
});
