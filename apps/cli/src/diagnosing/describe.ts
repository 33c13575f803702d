/** Formats diagnoses as text and as a page. */
import {
  charts,
  definitions,
  facts,
  formatNumber,
  lineChart,
  notes,
  page,
  paragraph,
  scatterPlot,
  section,
  table,
  type Cell,
} from "@ergodic/report";
import type { ChainDiagnosis, LongRun } from "@ergodic/diagnosis";
import { highestRHat, leastEffectiveSize } from "@ergodic/samplers/diagnostics";
import { mixingPlots } from "../chains/mixing-plots.js";
import { columns, short } from "../terminal/format.js";
import { sideBySide, type PicturedChain } from "./side-by-side.js";
import { evidence, troubleWords, type WordedDiagnosis } from "./words.js";

/** Diagnoses as text, one paragraph per chain. */
export function describeDiagnoses(diagnoses: Readonly<Record<string, WordedDiagnosis>>): string {
  return Object.entries(diagnoses)
    .map(([name, { verdict, description, troubles, evidence: seen }]) => {
      const lines = [...troubles.map((line) => `! ${line}`), ...seen.map((line) => `  ${line}`)];
      return [`${name}: ${verdict}   (${description})`, ...lines].join("\n");
    })
    .join("\n\n");
}

/** The content of report.html. */
export async function diagnosisPage(
  title: string,
  chains: readonly PicturedChain[],
  settings: readonly (readonly [string, string])[],
): Promise<string> {
  return page({
    title,
    lines: ["Long chains of the trained model, from starts that are more widely scattered than its distribution."],
    body: [
      facts(chains.map(({ name, diagnosis }) => [name, diagnosis.verdict])),
      await sideBySide(chains),
      ...(await Promise.all(chains.map(chainSection))),
      section("Settings", definitions(settings)),
    ],
  });
}

async function chainSection({ name, diagnosis, run }: PicturedChain): Promise<string> {
  const { description, verdict, troubles, rows } = diagnosis;
  const bad = troubles.length > 0;
  const worst = worstNumber(diagnosis, run);
  return section(
    `${name}: ${verdict}`,
    paragraph(
      `${description}; ${short(run.discarded)} steps discarded, ${short(run.energy.chains[0]?.length ?? 0)} recorded.`,
    ),
    notes(troubles.map(troubleWords), "bad"),
    notes(evidence(diagnosis), bad ? "plain" : "good"),
    charts([
      ...(rows.length === 0 ? [] : mixingPlots(run.energy, { from: run.discarded, xLabel: "step" })),
      ...(worst === undefined ? [] : mixingPlots(worst, { from: run.discarded, xLabel: "step" })),
      energyCurve(diagnosis),
      ...plane(run),
    ]),
    rows.length === 0 ? "" : numbersTable(diagnosis, run.energy.chains.length),
  );
}

/** The number of the position with the largest disagreement between chains. */
function worstNumber({ rows }: ChainDiagnosis, { numbers }: LongRun): LongRun["numbers"][number] | undefined {
  const ranked = rows.slice(1).map(({ rHat }, i) => ({ rHat, number: numbers[i] }));
  return ranked.sort((a, b) => b.rHat - a.rHat)[0]?.number;
}

function energyCurve({ shortRun }: ChainDiagnosis): string {
  const { curve, short: early, chains } = shortRun;
  return lineChart({
    title: "mean energy from the usual start",
    xLabel: `step; ${formatNumber(chains)} short runs of ${early.steps}, continued`,
    points: curve.map((energy, i) => [i + 1, energy] as const),
    smooth: false,
  });
}

function numbersTable({ rows }: ChainDiagnosis, chains: number): string {
  const head = ["", "mean", "MCSE", "sd", "R-hat", "bulk ESS", "tail ESS", "memory, steps"];
  const marked = (text: string, bad: boolean): Cell => ({ text, bad });
  return table(
    head,
    rows.map(({ name, mean, mcseMean, sd, rHat, essBulk, essTail, time }) => [
      name,
      short(mean),
      mcseMean.toPrecision(2),
      short(sd),
      marked(rHat.toFixed(3), !(rHat <= highestRHat)),
      marked(essBulk.toFixed(0), essBulk < leastEffectiveSize * chains),
      marked(essTail.toFixed(0), essTail < leastEffectiveSize * chains),
      short(time),
    ]),
  );
}

/** Plot of points in the plane along all chains, from the first recorded step. */
function plane({ snapshots, discarded }: LongRun): string[] {
  const points = snapshots.flatMap(({ step, samples }) => {
    if (step < discarded || samples.kind !== "points" || samples.shape[1] !== 2) return [];
    const { values } = samples;
    return Array.from({ length: values.length / 2 }, (_, i) => [values[2 * i]!, values[2 * i + 1]!] as const);
  });
  return points.length === 0 ? [] : [scatterPlot(points, { title: "where chains were", xLabel: "x", yLabel: "y" })];
}

/** The paths of the report and of the numbers, as text. */
export const describePaths = (report: string, numbers: string): string =>
  columns([
    ["report", report],
    ["numbers", numbers],
  ]);
