/** The HTML report of a run on a target. */
import { chainRows, type ChainRun, type Followed, type TargetSummary } from "@ergodic/diagnosis";
import {
  charts,
  definitions,
  facts,
  histogramPlot,
  notes,
  page,
  paragraph,
  scatterPlot,
  section,
  table,
  tracePlot,
  type Cell,
  type Point,
} from "@ergodic/report";
import { mixingPlots } from "../chains/mixing-plots.js";
import { columnsOf, dimensions, sound, totals, type Limits } from "./describe.js";
import type { SampledTarget } from "./sampled-target.js";
import { targetWords } from "./words.js";

export interface TargetPage {
  readonly target: SampledTarget;
  readonly run: ChainRun;
  readonly followed: readonly Followed[];
  readonly summary: TargetSummary;
  /** Names and values of all settings that determine the run. */
  readonly settings: readonly (readonly [string, string])[];
}

/** The content of report.html. */
export function targetPage({ target, run, followed, summary, settings }: TargetPage): string {
  const kernel = settings.find(([name]) => name === "kernel")?.[1] ?? "";
  const [chains, draws] = run.positions.shape;
  const plots = followed.map((one, i) =>
    section(one.name, charts(mixingPlots(one, levelOf(target.quantities[i]!.mean)))),
  );
  return page({
    title: `${target.name}, ${kernel}`,
    lines: [`${chains} chains of ${draws} draws in ${dimensions(target.dimension)}.`],
    body: [
      summary.troubles.length === 0 ? notes([sound], "good") : notes(summary.troubles.map(targetWords), "bad"),
      facts(totals(summary)),
      section("Estimates", ...estimates(summary, chains, target.limits)),
      ...modeSection(summary),
      section("Marginal densities", charts(followed.map(marginalPlot))),
      section("Energy and plane", charts([...energyPlots(run, summary), ...planePlot(followed, summary)])),
      ...plots,
      section("Settings", definitions(settings)),
    ],
  });
}

/** Chains whose histograms are drawn. Plots have as many colours. */
const shownChains = 8;

/** The histogram of a quantity in each chain. Those of chains that mix coincide. */
const marginalPlot = ({ name, chains }: Followed): string =>
  histogramPlot(
    chains.slice(0, shownChains).map((values, c) => ({ name: `chain ${c}`, values })),
    { title: name, xLabel: name },
  );

/** The exact mean as a level of the trace, where it is known. */
const levelOf = (mean: number) => (Number.isFinite(mean) ? { level: { value: mean, name: "exact mean" } } : {});

function estimates({ quantities }: TargetSummary, chains: number, limits: Limits | undefined): string[] {
  const shown = columnsOf(quantities, limits);
  const cells = quantities.map((row) =>
    shown.map(({ text, bad }): Cell => ({ text: text(row), bad: bad?.(row, chains) ?? false })),
  );
  const known = shown.some(({ exact }) => exact);
  const errors = known ? [paragraph("Errors are in units of their Monte Carlo standard errors.")] : [];
  const headings = shown.map(({ heading }) => heading);
  return [...errors, table(headings, cells)];
}

function modeSection({ modes }: TargetSummary): string[] {
  if (modes === undefined) return [];
  const { counts, occupancy, weights } = modes;
  const share = (value: number): string => value.toFixed(3);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const rows = weights.map((weight, k) => [
    String(k),
    share(weight / total),
    share(occupancy[k] ?? 0),
    ...counts.map((count) => String(count[k] ?? 0)),
  ]);
  const head = ["mode", "exact share", "share", ...counts.map((_, c) => `chain ${c}`)];
  return [section("Modes", paragraph("Draws nearest to the centre of each mode."), table(head, rows))];
}

/**
 * Plots of energies.
 *
 * For kernels with momentum: the energy distribution of a chain next to the energy change per step.
 * For other kernels: the energies over time.
 */
function energyPlots({ info }: ChainRun, { transitions }: TargetSummary): string[] {
  if (info["energy"] === undefined) return [];
  const chains = chainRows(info["energy"]);
  if (transitions.energyFraction === undefined) return [tracePlot(chains, { title: "energy" })];
  const mean = (chain: Float64Array): number => chain.reduce((sum, value) => sum + value, 0) / chain.length;
  const spread = chains.flatMap((chain) => {
    const centre = mean(chain);
    return [...chain].map((value) => value - centre);
  });
  const steps = chains.flatMap((chain) => [...chain].slice(1).map((value, t) => value - chain[t]!));
  return [
    tracePlot(chains, { title: "energy with momentum" }),
    histogramPlot(
      [
        { name: "energy, centred", values: spread },
        { name: "change in a step", values: steps },
      ],
      { title: "energy against its changes", xLabel: "energy" },
    ),
  ];
}

/** Plot of the first two quantities of draws, with divergent draws marked. */
function planePlot([x, y]: readonly Followed[], { transitions }: TargetSummary): string[] {
  if (x === undefined || y === undefined) return [];
  const at = (c: number, t: number): Point => [x.chains[c]![t]!, y.chains[c]![t]!];
  const divergent = (transitions.divergences ?? []).map(({ chain, draw }) => at(chain, draw));
  return [
    scatterPlot(
      x.chains.flatMap((values, c) => Array.from(values, (_, t) => at(c, t))),
      {
        title: `${y.name} against ${x.name}`,
        xLabel: x.name,
        yLabel: y.name,
        marked: { name: "divergent", points: divergent },
      },
    ),
  ];
}
