/** Plots that show whether chains agree on a number: trace, ranks, autocorrelation. */
import { rankCounts, type Followed } from "@ergodic/diagnosis";
import { autocorrelation, integratedAutocorrelationTime } from "@ergodic/samplers/diagnostics";
import { correlationPlot, evenly, formatNumber, rankPlot, tracePlot, type TraceOptions } from "@ergodic/report";

/** Maximum number of chains in a plot. More chains are thinned evenly. */
export const shownChains = 16;

/** Three plots of one number. Constant chains have no autocorrelation plot. */
export function mixingPlots({ name, chains }: Followed, trace: Omit<TraceOptions, "title"> = {}): string[] {
  const shown = evenly(chains, shownChains);
  const time = integratedAutocorrelationTime(chains);
  const lags = Math.max(2, Math.min(Math.floor(chains[0]!.length / 2), Math.max(20, Math.ceil(6 * time))));
  const moving = shown.filter((chain) => chain.some((value) => value !== chain[0]));
  return [
    tracePlot(shown, { title: name, ...trace }),
    rankPlot(evenly(rankCounts(chains), shownChains), { title: `ranks of ${name}` }),
    ...(moving.length === 0
      ? []
      : [
          correlationPlot(
            moving.map((chain) => autocorrelation(chain).subarray(0, lags + 1)),
            { title: `autocorrelation of ${name}`, note: `time ${formatNumber(time)}`, xLabel: "lag" },
          ),
        ]),
  ];
}
