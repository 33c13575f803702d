/**
 * report.html of a run, made from the files of its folder alone, so it can be made again at any time.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { evenly } from "@ergodic/report";
import { RunFolderError } from "./errors.js";
import { guarded, listFiles, readTextIfAny, writeRunFile } from "./files.js";
import { parseJson } from "./json.js";
import { readMetrics } from "./metrics.js";
import type { Diagnostics } from "./publish.js";
import { reportPage, type ReportPicture, type RunStatus } from "./report-page.js";
import { runPaths } from "./run-paths.js";
import { readRunRecord } from "./run-record.js";

/** Sample grids a page shows at most: the first, the last, and evenly spaced ones between. */
const shownGrids = 13;

/** Writes report.html. Returns its path. @throws RunFolderError */
export async function writeReport(folder: string, standing: RunStatus): Promise<string> {
  const paths = runPaths(folder);
  const names = await listFiles(paths.samples);
  const page = reportPage({
    record: await readRunRecord(folder),
    standing,
    metrics: await readMetrics(paths.metrics),
    samples: await readPictures(
      paths.samples,
      evenly(
        names.filter((name) => /^\d+\.png$/.test(name)),
        shownGrids,
      ),
    ),
    reconstruction: (
      await readPictures(paths.samples, names.filter((name) => name.startsWith("reconstruction-")).slice(-1))
    )[0],
    diagnostics: parseDiagnostics(await readTextIfAny(paths.diagnostics), paths.diagnostics),
  });
  await writeRunFile(paths.report, page);
  return paths.report;
}

async function readPictures(folder: string, names: readonly string[]): Promise<ReportPicture[]> {
  const pictures: ReportPicture[] = [];
  for (const name of names) {
    const path = join(folder, name);
    const iteration = Number(/(\d+)\.png$/.exec(name)?.[1] ?? 0);
    pictures.push({ iteration, png: await guarded(path, () => readFile(path)) });
  }
  return pictures;
}

function parseDiagnostics(text: string | undefined, path: string): Diagnostics | undefined {
  const value = text === undefined ? undefined : parseJson(text);
  if (text !== undefined && value === undefined)
    throw new RunFolderError(`${path} is cut short or is not JSON.`, "Delete it; training writes it anew.");
  return value as Diagnostics | undefined;
}
