/** The numbers that are followed through chains, summarised; and whether they have been followed for long enough. */
import { integratedAutocorrelationTime, summarize, type SummaryRow } from "@ergodic/samplers";
import { troubles } from "../chains/findings.js";
import type { LongRun } from "./long-run.js";

/** A number of the position, and how many steps it takes to forget. */
export interface FollowedRow extends SummaryRow {
  /** Integrated autocorrelation time, in steps. */
  readonly time: number;
}

type Recorded = Pick<LongRun, "energy" | "numbers">;

/** The energy, then the numbers of the position. */
export const rowsOf = ({ energy, numbers }: Recorded): FollowedRow[] =>
  [energy, ...numbers].map(({ name, chains }) => ({
    ...summarize({ [name]: chains })[0]!,
    time: integratedAutocorrelationTime(chains),
  }));

/** Chains below it have met, at least. */
export const nearlyAgreed = 1.05;

/** R-hat that the whole of a run is expected to leave where it is not worth its time: twice as far from 1. */
const hopeless = 1.1;

/**
 * Whether the whole of a run could not change the verdict on it after a `share`: nothing speaks against the chain any more, or chains disagree so
 * much that they still will in the end, with R-hat² - 1 falling as one over the steps, its pace where chains do mix.
 */
export function settled(run: Recorded, share: number): boolean {
  const rows = rowsOf(run);
  const left = 1 + share * (Math.max(...rows.map(({ rHat }) => rHat)) ** 2 - 1);
  return troubles(rows, run.energy.chains.length).length === 0 || left > hopeless ** 2;
}
