/** Whether chains ran long enough for a verdict that a longer run would not change. */
import { followedRows, type Followed } from "./followed.js";
import { mixingTroubles } from "./troubles.js";

/**
 * The largest R-hat that the whole of a run is expected to have where the rest of it is not worth
 * its time.
 */
const hopeless = 1.1;

/**
 * Whether the verdict after a `share` of a run is the verdict on the whole run. Either of two
 * conditions settles it:
 *
 * - There is no trouble any more.
 * - The expected R-hat at the end is above 1.1. R-hat² - 1 of chains that mix falls as one over the
 *   number of steps, so it is expected to be `share` times its present value.
 */
export function settled(numbers: readonly Followed[], share: number): boolean {
  const rows = followedRows(numbers);
  const expected = 1 + share * (Math.max(...rows.map(({ rHat }) => rHat)) ** 2 - 1);
  return mixingTroubles(rows, numbers[0]!.chains.length).length === 0 || expected > hopeless ** 2;
}
