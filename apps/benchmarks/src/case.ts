/** What a case is: a piece of work, made ready once and then called many times. */
import type * as tf from "@tensorflow/tfjs-core";
import type { EngineName } from "@ergodic/engine";
import { tree, type TensorTree } from "@ergodic/tensor";

export interface Prepared {
  /** Does the work once and gives one number of its result, so that work that went wrong shows. */
  call(): Promise<number>;
  /** Tensors that every peer must find too, up to rounding; without noise, since each draws its own. Absent where there are none. */
  check?(): Promise<readonly tf.Tensor[]>;
}

export interface Case {
  /** Short name, for `--cases` and for the function of the same name in the scripts in `peers/`. */
  readonly name: string;
  readonly title: string;
  /** What the figure is, and how many of it a millisecond of one call is. */
  readonly unit: { readonly label: string; readonly perMillisecond: number };
  /** Engines it runs on in a bearable time. */
  readonly engines: readonly EngineName[];
  /** Calls of one sample on a compiled engine and in the peers; an eager engine makes one. */
  readonly calls: number;
  /** Called in a process whose engine was chosen. */
  prepare(): Promise<Prepared>;
}

export const milliseconds = { label: "ms", perMillisecond: 1 } as const;

/** The first number of a result, which is disposed. */
export function firstNumber(result: TensorTree): number {
  const value = tree.leaves(result)[0]!.dataSync()[0]!;
  tree.dispose(result);
  return value;
}

/** Work that gives the same tensors at every call, so that they are what peers are compared by. */
export const repeatable = (work: () => Promise<TensorTree>): Prepared => ({
  call: async () => firstNumber(await work()),
  check: async () => tree.leaves(await work()),
});
