/** What the diagnostics of chains say, in words: one sentence for each kind of trouble, with the worst case as evidence. */
import type { SummaryRow } from "@ergodic/samplers";
import { short } from "../terminal/format.js";

/** Above it chains disagree; Vehtari et al. (2021), arXiv 1903.08008. */
export const highestRHat = 1.01;
/** Fewest effective draws per chain. */
export const leastSize = 100;

interface Trouble {
  /** How bad it is; trouble above 1. */
  measure(row: SummaryRow): number;
  describe(worst: SummaryRow): string;
}

/** What is wrong with the numbers followed through `chains` chains; empty if nothing is. */
export function troubles(rows: readonly SummaryRow[], chains: number): string[] {
  const wanted = leastSize * chains;
  const who = chains === 1 ? "the halves of the chain" : "the chains";
  const kinds: Trouble[] = [
    {
      measure: ({ rHat }) => (Number.isNaN(rHat) ? 2 : 0),
      describe: () => "every draw is equal: the chains do not move",
    },
    {
      measure: ({ rHat }) => rHat / highestRHat,
      describe: ({ rHat }) =>
        `R-hat is ${rHat.toFixed(rHat < 1.1 ? 3 : 2)}, above ${highestRHat}: ${who} disagree; run longer`,
    },
    {
      measure: ({ essBulk }) => wanted / essBulk,
      describe: ({ essBulk }) =>
        `bulk ESS is ${short(Math.floor(essBulk))} of ${short(wanted)} wanted: the mean is uncertain; run longer`,
    },
    {
      measure: ({ essTail }) => wanted / essTail,
      describe: ({ essTail }) =>
        `tail ESS is ${short(Math.floor(essTail))} of ${short(wanted)} wanted: the tails are uncertain; run longer`,
    },
  ];
  const found = kinds.flatMap(({ measure, describe }) => {
    const bad = rows.filter((row) => measure(row) > 1).sort((a, b) => measure(b) - measure(a));
    const [worst] = bad;
    if (worst === undefined) return [];
    const others = bad.length === 1 ? "" : ` (${bad.length} of ${rows.length} numbers, this is the worst)`;
    return [`${worst.name}: ${describe(worst)}${others}`];
  });
  const alone = chains === 1 ? ["one chain cannot show that it missed a mode; run four or more"] : [];
  return [...found, ...alone];
}
