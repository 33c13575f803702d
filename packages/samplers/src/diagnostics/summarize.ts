/** The summary table of recorded chains. */
import { highestRHat, leastEffectiveSize } from "./bounds.js";
import { pooled, splitChains, type Chains } from "./draws.js";
import { atMost, effectiveSize, isConstant } from "./effective-size.js";
import { inRange } from "./in-range.js";
import { mean, quantileOfSorted, variance } from "./moments.js";
import { largerRHat, rHatOf } from "./r-hat.js";
import { ranked } from "./ranks.js";
import { scalarsOf, type ChainSamples } from "./samples.js";
import { sdError } from "./standard-errors.js";

/** The summary of one number of the position. */
export interface SummaryRow {
  readonly name: string;
  readonly mean: number;
  /** Monte Carlo standard error of `mean`. */
  readonly mcseMean: number;
  readonly sd: number;
  /** Monte Carlo standard error of `sd`. */
  readonly mcseSd: number;
  readonly q05: number;
  readonly median: number;
  readonly q95: number;
  /**
   * The larger of rank-normalised and folded split R-hat. NaN if all draws are equal, Infinity if
   * each chain is constant at a different value.
   */
  readonly rHat: number;
  readonly essBulk: number;
  readonly essTail: number;
  /** Problems and remedies, in words; empty if there are none. */
  readonly advice: string;
}

interface Evidence {
  readonly chains: number;
  readonly constant: boolean;
  readonly bulkRHat: number;
  readonly foldedRHat: number;
  readonly essBulk: number;
  readonly essTail: number;
}

/** The evidence in words. */
function adviceOn({ chains, constant, bulkRHat, foldedRHat, essBulk, essTail }: Evidence): string {
  if (constant) return "every draw is equal: the chains do not move";
  const wanted = leastEffectiveSize * chains;
  const rHat = largerRHat(bulkRHat, foldedRHat);
  const what = chains === 1 ? "the halves of the chain" : "chains";
  const where = bulkRHat > highestRHat ? "" : " in spread";
  const remedy =
    bulkRHat === Infinity ? "each stays at a value of its own, so a longer run will not help" : "run longer";
  const remarks = [
    rHat > highestRHat && `R-hat ${rHat.toFixed(2)}: ${what} disagree${where}; ${remedy}`,
    essBulk < wanted && `bulk ESS ${Math.floor(essBulk)} of ${wanted} wanted: the mean is uncertain; run longer`,
    essTail < wanted && `tail ESS ${Math.floor(essTail)} of ${wanted} wanted: q05 and q95 are uncertain; run longer`,
    chains === 1 && "one chain cannot show that it missed a mode; run four or more from scattered starts",
  ];
  return remarks.filter((remark) => remark !== false).join(". ");
}

function rowOf(name: string, draws: Chains): SummaryRow {
  const { chains, scale } = inRange(draws);
  const all = pooled(chains);
  const halves = splitChains(chains);
  const { sorted: sortedHalves, scores, foldedScores } = ranked(halves);
  const sorted = sortedHalves.length === all.length ? sortedHalves : all.slice().sort();
  const [q05, median, q95] = [0.05, 0.5, 0.95].map((p) => quantileOfSorted(sorted, p)) as [number, number, number];
  const sd = Math.sqrt(variance(all));
  const [bulkRHat, foldedRHat] = [rHatOf(scores), rHatOf(foldedScores)];
  const essBulk = effectiveSize(scores);
  const essTail = Math.min(...[q05, q95].map((limit) => effectiveSize(splitChains(atMost(chains, limit)))));
  const evidence = { chains: chains.length, constant: isConstant(chains), bulkRHat, foldedRHat, essBulk, essTail };
  return {
    name,
    mean: scale * mean(all),
    mcseMean: (scale * sd) / Math.sqrt(effectiveSize(halves)),
    sd: scale * sd,
    mcseSd: scale * sdError(chains),
    q05: scale * q05,
    median: scale * median,
    q95: scale * q95,
    rHat: largerRHat(bulkRHat, foldedRHat),
    essBulk,
    essTail,
    advice: adviceOn(evidence),
  };
}

/**
 * A row for every number of the position: estimates with their Monte Carlo standard errors, R-hat,
 * effective sample sizes and advice.
 *
 * Rows are plain values: print them with `console.table` or {@link formatSummary}.
 *
 * @param samples `[chains, draws, ...event]`, or an object of these; at least 4 draws per chain
 * @throws ValidationError for too few draws, chains of unequal length, or numbers that are not
 *   finite, naming the place.
 */
export function summarize(samples: ChainSamples): SummaryRow[] {
  return Array.from(scalarsOf(samples), ({ name, chains }) => rowOf(name, chains));
}
