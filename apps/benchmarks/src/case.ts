/** What a case is: a piece of work, made ready once and then called many times. */
import type { EngineName } from "@ergodic/engine";

export interface Prepared {
  /** Does the work once and gives one number of its result, so that work that went wrong shows. */
  call(): Promise<number>;
}

export interface Case {
  /** Short name, for `--cases` and for the function of the same name in `peers/pytorch.py`. */
  readonly name: string;
  readonly title: string;
  /** What the figure is, and how many of it a millisecond of one call is. */
  readonly unit: { readonly label: string; readonly perMillisecond: number };
  /** Engines it runs on in a bearable time. */
  readonly engines: readonly EngineName[];
  /** Calls of one sample on a compiled engine and in the peer; an eager engine makes one. */
  readonly calls: number;
  /** Called in a process whose engine was chosen. */
  prepare(): Promise<Prepared>;
}

export const milliseconds = { label: "ms", perMillisecond: 1 } as const;
