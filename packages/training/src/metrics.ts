/**
 * metrics.jsonl: one JSON record a line, `{ iteration, seconds, phase?, ...metrics }`, appended as
 * training goes. `iteration` counts completed iterations, so it compares directly with the number
 * of a checkpoint.
 */
import { appendFile } from "node:fs/promises";
import { guarded, readTextIfAny, writeRunFile } from "./files.js";
import { isPlainObject } from "./json.js";

/** One line. `seconds` is training time up to here, over all sittings. */
export interface MetricsLine {
  readonly iteration: number;
  readonly seconds: number;
  /** The phase of the iteration, in runs that have phases. */
  readonly phase?: string;
  readonly [metric: string]: number | string | undefined;
}

/** Appends one line in one write. @throws RunFolderError */
export async function appendMetrics(path: string, line: MetricsLine): Promise<void> {
  await guarded(path, () => appendFile(path, `${JSON.stringify(line)}\n`));
}

/**
 * All whole lines, in order; none when there is no file. A torn last line, left by a killed
 * process, is passed over.
 */
export async function readMetrics(path: string): Promise<MetricsLine[]> {
  return (await readLog(path)).lines;
}

/** What `truncateMetrics` left. */
export interface TruncatedMetrics {
  readonly last: MetricsLine | undefined;
  /** Lines that were dropped because they are torn or no records. */
  readonly torn: number;
}

/** Keeps the lines up to an iteration, so that a resumed run continues them without repeats. */
export async function truncateMetrics(path: string, iteration: number): Promise<TruncatedMetrics> {
  const { lines, torn } = await readLog(path);
  const kept = lines.filter((line) => line.iteration <= iteration);
  await writeRunFile(path, kept.map((line) => `${JSON.stringify(line)}\n`).join(""));
  return { last: kept.at(-1), torn };
}

async function readLog(path: string): Promise<{ lines: MetricsLine[]; torn: number }> {
  const texts = ((await readTextIfAny(path)) ?? "").split("\n").filter((line) => line.trim() !== "");
  const lines = texts.map(parseLine).filter((line) => line !== undefined);
  return { lines, torn: texts.length - lines.length };
}

function parseLine(line: string): MetricsLine | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isPlainObject(value) && typeof value["iteration"] === "number"
      ? (value as unknown as MetricsLine)
      : undefined;
  } catch {
    return undefined;
  }
}
