/** Formats a run on a target, and the list of targets, as text. */
import type { QuantityRow, TargetSummary } from "@ergodic/diagnosis";
import type { Target } from "@ergodic/energies";
import { highestRHat, leastEffectiveSize } from "@ergodic/samplers/diagnostics";
import { alignedTable, columns, short } from "../terminal/format.js";
import { targetWords } from "./words.js";

/** One decimal. Values that round to zero have no sign. */
const oneDecimal = (value: number): string => value.toFixed(1).replace(/^-(0\.0)$/, "$1");

/** A column of the table of quantities. */
interface Column {
  readonly heading: string;
  text(row: QuantityRow): string;
  /** Whether the cell shows something wrong, for draws of so many chains. */
  bad?(row: QuantityRow, chains: number): boolean;
  /**
   * Whether the column compares with an exact value. Such columns are left out where none is known.
   */
  readonly exact?: true;
}

const tableColumns: readonly Column[] = [
  { heading: "", text: ({ name }) => name },
  { heading: "mean", text: ({ mean }) => short(mean) },
  { heading: "exact", text: ({ exactMean }) => short(exactMean), exact: true },
  {
    heading: "error/MCSE",
    text: ({ meanError }) => oneDecimal(meanError),
    bad: ({ wrong }) => wrong.mean,
    exact: true,
  },
  { heading: "sd", text: ({ sd }) => short(sd) },
  { heading: "exact", text: ({ exactSd }) => short(exactSd), exact: true },
  { heading: "error/MCSE", text: ({ sdError }) => oneDecimal(sdError), bad: ({ wrong }) => wrong.sd, exact: true },
  { heading: "MCSE", text: ({ mcseMean }) => mcseMean.toPrecision(2) },
  { heading: "R-hat", text: ({ rHat }) => rHat.toFixed(3), bad: ({ rHat }) => !(rHat <= highestRHat) },
  {
    heading: "bulk ESS",
    text: ({ essBulk }) => essBulk.toFixed(0),
    bad: ({ essBulk }, chains) => essBulk < leastEffectiveSize * chains,
  },
  {
    heading: "tail ESS",
    text: ({ essTail }) => essTail.toFixed(0),
    bad: ({ essTail }, chains) => essTail < leastEffectiveSize * chains,
  },
];

/**
 * The columns for quantities. Errors are in units of their Monte Carlo standard errors.
 *
 * @param limits words about the values of some quantities, by name
 */
export function columnsOf(rows: readonly QuantityRow[], limits: Limits = {}): readonly Column[] {
  const known = rows.some(({ exactMean }) => Number.isFinite(exactMean));
  const limited: Column = { heading: "limits", text: ({ name }) => limits[name] ?? "" };
  return [
    ...tableColumns.filter(({ exact }) => known || exact === undefined),
    ...(Object.values(limits).some((words) => words !== "") ? [limited] : []),
  ];
}

/** Words about the values of quantities, by name. */
export type Limits = Readonly<Record<string, string>>;

/**
 * The scalar results of a run, as names and texts. Values that the kernel does not report are
 * omitted.
 */
export function totals(summary: TargetSummary): [string, string][] {
  const { transitions, modes, seconds } = summary;
  const { acceptance, divergences, energyError, energyFraction, saturation, gradients } = transitions;
  const entries: [string, string | undefined][] = [
    ["step size", short(summary.stepSize)],
    ["acceptance", acceptance === undefined ? undefined : short(acceptance)],
    ["divergences", divergences && String(divergences.length)],
    ["energy error", energyError && `${short(energyError.mean)} on average, ${short(energyError.largest)} at most`],
    ["E-BFMI, least", energyFraction && short(Math.min(...energyFraction))],
    ["trees at full depth", saturation === undefined ? undefined : `${short(100 * saturation)} %`],
    ["squared jump", short(summary.jumpDistance)],
    ["gradients", gradients === undefined ? undefined : short(gradients)],
    ["gradients per effective draw", short(summary.gradientsPerEffectiveDraw)],
    ["effective draws a second", short(summary.effectiveDrawsPerSecond)],
    ["modes visited", modes && `${modes.occupancy.filter((share) => share > 0).length} of ${modes.weights.length}`],
    ["steps to another mode", modes && `${short(100 * modes.hopRate)} %`],
    ["seconds", `${short(seconds.warmup)} warm-up, ${short(seconds.draws)} draws`],
  ];
  return entries.flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as [string, string]]));
}

/** Message for a run without troubles. */
export const sound = "nothing is wrong by these measures";

/** Formats the summary as text. */
export function describeSummary(summary: TargetSummary, limits?: Limits): string {
  const { troubles, quantities } = summary;
  const shown = columnsOf(quantities, limits);
  const findings = troubles.length === 0 ? [sound] : troubles.map((trouble) => `! ${targetWords(trouble)}`);
  const rows = quantities.map((row) => shown.map(({ text }) => text(row)));
  const headings = shown.map(({ heading }) => heading);
  return [alignedTable(headings, rows), columns(totals(summary)), findings.join("\n")].join("\n\n");
}

/** `1 dimension`, `10 dimensions` */
export const dimensions = (count: number): string => `${count} dimension${count === 1 ? "" : "s"}`;

/** Descriptions of targets, one paragraph each. */
export function describeTargets(known: readonly Target[]): string {
  return columns(
    known.flatMap(({ name, dimension, logPartition, modes, quantities }): [string, string][] => {
      const facts = [dimensions(dimension), `log Z ${short(logPartition)}`];
      const moments = quantities.map((one) => `${one.name} ${short(one.mean)} ± ${short(one.sd)}`);
      return [
        [name, [...facts, ...(modes ? [`${modes.centres.length} modes`] : [])].join(", ")],
        ["", moments.join(", ")],
      ];
    }),
  );
}
