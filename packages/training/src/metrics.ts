/**
 * metrics.jsonl: one JSON record per line, `{ iteration, seconds, phase?, ...metrics }`.
 *
 * Lines are appended during training. `iteration` counts completed iterations, as the number of a
 * checkpoint does.
 */
import { appendFile } from "node:fs/promises";
import { guarded, readTextIfAny, writeRunFile } from "./files.js";
import { isPlainObject } from "./json.js";

/** One line. `seconds` is the training time so far, over all invocations of `train`. */
export interface MetricsLine {
  readonly iteration: number;
  readonly seconds: number;
  /** The phase of the iteration, if the run has phases. */
  readonly phase?: string;
  readonly [metric: string]: number | string | undefined;
}

/** Appends one line in one write. @throws RunFolderError */
export async function appendMetrics(path: string, line: MetricsLine): Promise<void> {
  await guarded(path, () => appendFile(path, `${JSON.stringify(line)}\n`));
}

/**
 * All complete lines, in order; none when there is no file. A partial last line, left by a killed
 * process, is skipped.
 */
export async function readMetrics(path: string): Promise<MetricsLine[]> {
  return (await readLog(path)).lines;
}

/** The result of `truncateMetrics`. */
export interface TruncatedMetrics {
  readonly last: MetricsLine | undefined;
  /** Number of dropped lines: partial lines and lines that are no records. */
  readonly torn: number;
}

/** Keeps the lines up to an iteration, so that a resumed run repeats none. */
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
