/** Formats outcomes as a table. */
import { difference, TOLERANCE } from "./agreement.js";
import type { Case } from "./case.js";
import type { Machine } from "./machine.js";
import type { Measurement, Outcome } from "./measure.js";
import { formatFigure, formatSpeedUp, formatTable } from "./table.js";

export interface CaseResult {
  readonly case: Pick<Case, "name" | "title" | "unit">;
  /** Outcomes by contestant, our engines first. */
  readonly outcomes: Readonly<Record<string, Outcome>>;
}

/** The contestant with speed 1. */
const REFERENCE = "PyTorch";

const measured = (outcome: Outcome | undefined): Measurement | undefined =>
  outcome === undefined || "error" in outcome ? undefined : outcome;

export function describeMachine({ cpu, threads, memoryGiB, system, node, load }: Machine): string {
  const busy = load > threads / 2 ? " (others are at work here: read the ratios, and those with care)" : "";
  return `${cpu}, ${threads} threads for everyone, ${memoryGiB} GiB; ${system}; Node ${node}; load ${load.toFixed(2)}${busy}`;
}

/**
 * Difference between the results of `outcome` and the first available results. Undefined when there
 * is nothing to compare.
 */
function apart(outcome: Measurement, outcomes: CaseResult["outcomes"]): number | undefined {
  const first = Object.values(outcomes).find((other) => (measured(other)?.fingerprint.length ?? 0) > 0);
  return first === undefined || first === outcome
    ? undefined
    : difference(measured(first)!.fingerprint, outcome.fingerprint);
}

/** Contestants whose results differ from the first of a case, with the difference. */
export const disagreements = ({ case: { name }, outcomes }: CaseResult): string[] =>
  Object.entries(outcomes).flatMap(([who, outcome]) => {
    const found = measured(outcome);
    const by = found && apart(found, outcomes);
    return by === undefined || by <= TOLERANCE
      ? []
      : [
          `${name} on ${who} gives other results: they differ by ${by.toExponential(1)}, expected ${TOLERANCE} or less.`,
        ];
  });

function rowsOf({ case: { name, unit }, outcomes }: CaseResult): string[][] {
  const reference = measured(outcomes[REFERENCE])?.medianMs;
  return Object.entries(outcomes).map(([who, outcome], i) => {
    const label = i === 0 ? name : "";
    const found = measured(outcome);
    if (found === undefined) return [label, who, "failed", "-", "-", "-", "-"];
    const figure = (ms: number): string => formatFigure(ms * unit.perMillisecond);
    return [
      label,
      who,
      `${figure(found.medianMs)} ${unit.label}`,
      found.quartilesMs.map(figure).join(" to "),
      formatSpeedUp(found.medianMs, reference),
      formatFigure(found.peakMiB ?? undefined),
      apart(found, outcomes)?.toExponential(0) ?? "-",
    ];
  });
}

/**
 * The table, followed by cases, contestants, first calls, failures and disagreements.
 *
 * `gated`: samples waited for quiet moments.
 */
export function formatResults(results: readonly CaseResult[], { gated = false } = {}): string {
  const header = ["case", "on", "median", "quartiles", `speed (${REFERENCE} = 1)`, "peak MiB", "differs by"];
  const titles = results.map(({ case: { name, title } }) => `${name}: ${title}`);
  const notes = [...participants(results), ...firstCalls(results), ...failures(results)];
  return [
    formatTable(header, results.flatMap(rowsOf), 2),
    "",
    ...titles,
    "",
    ...notes,
    ...(gated ? [`Samples taken in quiet moments: ${results.map(quietSamples).join(", ")}`] : []),
    ...results.flatMap(disagreements),
  ].join("\n");
}

const everyOutcome = (results: readonly CaseResult[]) =>
  results.flatMap(({ case: { name }, outcomes }) =>
    Object.entries(outcomes).map(([who, outcome]) => ({ case: name, who, outcome })),
  );

function participants(results: readonly CaseResult[]): string[] {
  const lines = everyOutcome(results).flatMap(({ who, outcome }) =>
    "error" in outcome
      ? []
      : [`${who}: ${outcome.about}, ${outcome.threads} ${outcome.threads === 1 ? "thread" : "threads"}`],
  );
  return [...new Set(lines)];
}

function firstCalls(results: readonly CaseResult[]): string[] {
  const parts = results.flatMap(({ case: { name }, outcomes }) => {
    const found = measured(outcomes["onnx"]);
    return found === undefined ? [] : [`${name} ${formatFigure(found.firstCallMs / 1000)} s`];
  });
  return parts.length === 0 ? [] : [`First call on onnx (recording and loading): ${parts.join(", ")}`];
}

function quietSamples({ case: { name }, outcomes }: CaseResult): string {
  const found = Object.values(outcomes).flatMap((outcome) => measured(outcome) ?? []);
  const quiet = found.reduce((sum, one) => sum + one.quietSamples, 0);
  const all = found.reduce((sum, one) => sum + one.samplesMs.length, 0);
  return `${name} ${quiet} of ${all}`;
}

const failures = (results: readonly CaseResult[]): string[] =>
  everyOutcome(results).flatMap(({ case: name, who, outcome }) =>
    "error" in outcome ? [`${name} failed on ${who}: ${outcome.error}`] : [],
  );
