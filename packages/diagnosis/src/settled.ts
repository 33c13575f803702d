/** Decides whether a longer run would change the verdict. */
import { followedRows, type Followed } from "./followed.js";
import { mixingTroubles } from "./troubles.js";

/** The expected R-hat of the whole run from which on the rest is not worth its time. */
const hopeless = 1.1;

/**
 * Whether the verdict after a `share` of a run equals the verdict on the whole run. Either
 * condition settles it:
 *
 * - There is no trouble.
 * - The expected R-hat at the end is above 1.1. R-hat² - 1 of chains that mix falls in inverse
 *   proportion to the number of steps. At the end it is expected to be `share` times its present
 *   value.
 */
export function settled(numbers: readonly Followed[], share: number): boolean {
  const rows = followedRows(numbers);
  const expected = 1 + share * (Math.max(...rows.map(({ rHat }) => rHat)) ** 2 - 1);
  return mixingTroubles(rows, numbers[0]!.chains.length).length === 0 || expected > hopeless ** 2;
}
