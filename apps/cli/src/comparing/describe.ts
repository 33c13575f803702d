/** Formats a comparison of runs as text. */
import { alignedTable, duration, short, withThousands, words } from "../terminal/format.js";
import { quoted, shownPath } from "../runs/folders.js";
import { compareRuns, openCompared, type ComparedRow, type ComparedRun, type Comparison } from "./compared.js";

/** The name of a run in tables. */
export const nameOf = ({ folder }: ComparedRun): string => folder.split(/[\\/]/).at(-1) ?? folder;

const numbers = ({ name, values }: ComparedRow<number>): string[] => [
  words(name),
  ...values.map((value) => (value === undefined ? "-" : short(value))),
];

const texts = ({ name, values }: ComparedRow<string>): string[] => [name, ...values.map((value) => value ?? "-")];

/** The rows of a comparison, with a heading for each part. Parts without rows are left out. */
export function partsOf({ runs, settings, metrics, scores }: Comparison): [heading: string, rows: string[][]][] {
  const progress = runs.map(({ content }) => content.metrics.at(-1));
  const ran = [
    ["status", ...runs.map(({ content }) => content.standing.status)],
    ["iteration", ...progress.map((line) => withThousands(line?.iteration ?? 0))],
    ["training time", ...progress.map((line) => duration(line?.seconds ?? 0))],
  ];
  const parts: [string, string[][]][] = [
    ["run", ran],
    ["scores", scores.map(numbers)],
    ["last metrics", metrics.map(numbers)],
    ["settings that differ", settings.map(texts)],
  ];
  return parts.filter(([, rows]) => rows.length > 0);
}

/** The comparison as tables. */
export function describeComparison(comparison: Comparison): string {
  const names = comparison.runs.map(nameOf);
  return partsOf(comparison)
    .map(([heading, rows]) => alignedTable([heading, ...names], rows))
    .join("\n\n");
}

/** The runs of a sweep side by side, and mean and standard deviation of their scores. */
export async function describeSweep(folders: readonly string[]): Promise<string> {
  const comparison = compareRuns(await Promise.all(folders.map(openCompared)));
  const rows = comparison.scores.length > 0 ? comparison.scores : comparison.metrics;
  const spread = rows.flatMap(({ name, values }) => {
    const found = values.filter((value) => value !== undefined);
    if (found.length < 2) return [];
    const mean = found.reduce((sum, value) => sum + value, 0) / found.length;
    const variance = found.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (found.length - 1);
    return [`${words(name)}: ${short(mean)} ± ${short(Math.sqrt(variance))}`];
  });
  const command = `ergodic compare ${folders.map((folder) => quoted(shownPath(folder))).join(" ")}`;
  return [describeComparison(comparison), spread.join("\n"), `pictures and curves side by side: ${command}`].join(
    "\n\n",
  );
}
