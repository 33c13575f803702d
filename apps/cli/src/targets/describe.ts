/** Formats a run on a target, and the list of targets, as text. */
import type { QuantityRow, TargetSummary } from "@ergodic/diagnosis";
import type { Target } from "@ergodic/energies";
import { alignedTable, columns, short } from "../terminal/format.js";
import { targetWords } from "./words.js";

/** Column headings of {@link cellsOf}. */
export const headings = [
  "",
  "mean",
  "exact",
  "error/MCSE",
  "sd",
  "exact",
  "error/MCSE",
  "MCSE",
  "R-hat",
  "bulk ESS",
  "tail ESS",
];

/** One decimal. Values that round to zero have no sign. */
const oneDecimal = (value: number): string => value.toFixed(1).replace(/^-(0\.0)$/, "$1");

/** Table cells of a quantity. Errors are in units of their Monte Carlo standard errors. */
export function cellsOf(row: QuantityRow): string[] {
  return [
    row.name,
    short(row.mean),
    short(row.exactMean),
    oneDecimal(row.meanError),
    short(row.sd),
    short(row.exactSd),
    oneDecimal(row.sdError),
    row.mcseMean.toPrecision(2),
    row.rHat.toFixed(3),
    row.essBulk.toFixed(0),
    row.essTail.toFixed(0),
  ];
}

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
export function describeSummary(summary: TargetSummary): string {
  const { troubles } = summary;
  const findings = troubles.length === 0 ? [sound] : troubles.map((trouble) => `! ${targetWords(trouble)}`);
  return [alignedTable(headings, summary.quantities.map(cellsOf)), columns(totals(summary)), findings.join("\n")].join(
    "\n\n",
  );
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
