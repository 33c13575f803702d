/** Outcomes as the table people read. */
import type { Case } from "./case.js";
import type { Machine } from "./machine.js";
import type { Measurement, Outcome } from "./measure.js";
import { formatFigure, formatRatio, formatTable } from "./table.js";

export interface CaseResult {
  readonly case: Pick<Case, "name" | "title" | "unit">;
  readonly outcomes: Readonly<Record<string, Outcome>>;
}

/** Columns, in this order; PyTorch is what the ratio refers to. */
const ENGINES = ["onnx", "cpu"] as const;
export const PEER = "PyTorch";

const measured = (outcome: Outcome | undefined): Measurement | undefined =>
  outcome === undefined || "error" in outcome ? undefined : outcome;

function figureOf({ case: { unit }, outcomes }: CaseResult, name: string): string {
  const outcome = outcomes[name];
  if (outcome !== undefined && "error" in outcome) return "failed";
  return formatFigure(outcome && outcome.medianMs * unit.perMillisecond);
}

const memoryOf = (outcome: Outcome | undefined): string => formatFigure(measured(outcome)?.peakMiB ?? undefined);

export function describeMachine({ cpu, threads, memoryGiB, system, node, load }: Machine): string {
  const busy = load > threads / 2 ? " (others are at work here: read the ratios, and those with care)" : "";
  return `${cpu}, ${threads} threads for everyone, ${memoryGiB} GiB; ${system}; Node ${node}; load ${load.toFixed(2)}${busy}`;
}

/** The table, and below it who took part, first calls and failures. */
export function formatResults(results: readonly CaseResult[]): string {
  const header = ["median of", "unit", ...ENGINES, PEER, `onnx / ${PEER}`, "MiB onnx", `MiB ${PEER}`];
  const rows = results.map((result) => {
    const { onnx, [PEER]: peer } = result.outcomes;
    return [
      `${result.case.name}: ${result.case.title}`,
      result.case.unit.label,
      ...[...ENGINES, PEER].map((name) => figureOf(result, name)),
      formatRatio(measured(onnx)?.medianMs, measured(peer)?.medianMs),
      memoryOf(onnx),
      memoryOf(peer),
    ];
  });
  const notes = [...participants(results), ...firstCalls(results), ...failures(results)];
  return [formatTable(header, rows), "", ...notes].join("\n");
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

const failures = (results: readonly CaseResult[]): string[] =>
  everyOutcome(results).flatMap(({ case: name, who, outcome }) =>
    "error" in outcome ? [`${name} failed on ${who}: ${outcome.error}`] : [],
  );
