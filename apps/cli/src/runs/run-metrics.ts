/** Implements `ergodic metrics`: the logged metrics of runs as CSV or TensorBoard events. */
import { basename, join, resolve } from "node:path";
import { mkdir } from "node:fs/promises";
import { tensorBoardEvents } from "@ergodic/formats";
import { readMetrics, readRunRecord, runPaths, type MetricsLine } from "@ergodic/training/node";
import { metricsOf } from "../comparing/compared.js";
import { CliError, usageError } from "../errors.js";
import { jsonResult, result } from "../terminal/output.js";
import { shownPath, writeResult } from "./folders.js";

export interface MetricsFlags {
  readonly out?: string;
  readonly tensorboard?: string;
  readonly json: boolean;
}

/** Prints or writes a table of the metrics of a run, or writes events of all runs. */
export async function runMetrics(folders: readonly string[], flags: MetricsFlags): Promise<void> {
  const { out, tensorboard, json } = flags;
  if (tensorboard !== undefined) {
    const written: string[] = [];
    for (const folder of folders) written.push(await writeEvents(folder, tensorboard));
    if (json) return jsonResult({ files: written });
    return result(`${written.map(shownPath).join("\n")}\nshow them: tensorboard --logdir ${shownPath(tensorboard)}`);
  }
  const [folder, ...others] = folders;
  if (folder === undefined || others.length > 0)
    throw usageError("a table holds one run; name one, or use --tensorboard.");
  const lines = await linesOf(folder);
  if (json) return jsonResult(lines);
  const table = csv(lines);
  if (out === undefined) return result(table);
  await writeResult(out, table);
  result(`${lines.length} lines: ${shownPath(out)}`);
}

/** @throws RunFolderError for a folder that is no run; CliError for one without metrics */
async function linesOf(folder: string): Promise<MetricsLine[]> {
  await readRunRecord(folder);
  const lines = await readMetrics(runPaths(folder).metrics);
  if (lines.length === 0) throw new CliError(`${folder} has no metrics yet.`);
  return lines;
}

/** A table with a column for every name that occurs. Cells of absent values are empty. */
function csv(lines: readonly MetricsLine[]): string {
  const names = [...new Set(lines.flatMap((line) => Object.keys(line)))];
  const rows = lines.map((line) => names.map((name) => cell(line[name])).join(","));
  return `${[names.map(cell).join(","), ...rows].join("\n")}\n`;
}

const cell = (value: string | number | undefined): string => {
  const text = String(value ?? "");
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** Writes `<folder>/<run>/events.out.tfevents.<seconds>.ergodic`. */
async function writeEvents(run: string, folder: string): Promise<string> {
  const lines = await linesOf(run);
  const start = Date.parse((await readRunRecord(run)).date) / 1000;
  const events = lines.map((line) => ({ time: start + line.seconds, step: line.iteration, values: metricsOf(line) }));
  const place = join(folder, basename(resolve(run)));
  await mkdir(place, { recursive: true });
  const path = join(place, `events.out.tfevents.${Math.floor(start)}.ergodic`);
  await writeResult(path, tensorBoardEvents(start, events));
  return path;
}
