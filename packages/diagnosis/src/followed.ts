/** Numbers recorded along chains, and their summaries. */
import type * as tf from "@tensorflow/tfjs-core";
import { summarize, type SummaryRow } from "@ergodic/samplers";
import { integratedAutocorrelationTime, scalarsOf } from "@ergodic/samplers/diagnostics";

/** One number per draw, one row per chain. */
export interface Followed {
  readonly name: string;
  readonly chains: readonly Float64Array[];
}

/** The summary of one number, with its autocorrelation time. */
export interface FollowedRow extends SummaryRow {
  /** Integrated autocorrelation time, in draws. */
  readonly time: number;
}

/** Summaries in the order of the numbers. */
export const followedRows = (numbers: readonly Followed[]): FollowedRow[] =>
  numbers.map(({ name, chains }) => ({
    ...summarize({ [name]: chains })[0]!,
    time: integratedAutocorrelationTime(chains),
  }));

/** A tensor `[chains, draws]` as one array per chain. */
export const chainRows = (tensor: tf.Tensor): Float64Array[] => [...([...scalarsOf(tensor)][0]?.chains ?? [])];
