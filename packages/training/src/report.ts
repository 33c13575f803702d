/**
 * Writes report.html of a run. It depends only on the files of the run folder, so it can be
 * rewritten at any time.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { evenly } from "@ergodic/report";
import { RunFolderError } from "./errors.js";
import { guarded, listFiles, readTextIfAny, writeRunFile } from "./files.js";
import { parseJson } from "./json.js";
import { readMetrics } from "./metrics.js";
import { shownIteration, type Diagnostics, type ShownFile } from "./publish.js";
import { reportPage, type ReportSamples, type RunStatus } from "./report-page.js";
import { runPaths } from "./run-paths.js";
import { readRunRecord } from "./run-record.js";

/**
 * Maximum number of iterations whose samples a page shows: the first, the last, and evenly spaced
 * ones between.
 */
const shownMoments = 13;

/** Writes report.html. Returns its path. @throws RunFolderError */
export async function writeReport(folder: string, standing: RunStatus): Promise<string> {
  const paths = runPaths(folder);
  const names = await listFiles(paths.samples);
  const page = reportPage({
    record: await readRunRecord(folder),
    standing,
    metrics: await readMetrics(paths.metrics),
    samples: await readShown(paths.samples, evenly(shownIn(names, "samples"), shownMoments)),
    reconstruction: (await readShown(paths.samples, shownIn(names, "reconstruction").slice(-1)))[0],
    translations: await readShown(paths.samples, evenly(shownIn(names, "translation"), shownMoments)),
    panels: (await readShown(paths.samples, shownIn(names, "panels").slice(-1)))[0],
    diagnostics: parseDiagnostics(await readTextIfAny(paths.diagnostics), paths.diagnostics),
  });
  await writeRunFile(paths.report, page);
  return paths.report;
}

type Named = { readonly name: string; readonly iteration: number };

/** Files of samples, reconstructions or translations, oldest first. */
const shownIn = (names: readonly string[], shown: ShownFile): Named[] =>
  names.flatMap((name) => {
    const iteration = shownIteration(shown, name);
    return iteration === undefined ? [] : [{ name, iteration }];
  });

async function readShown(folder: string, files: readonly Named[]): Promise<ReportSamples[]> {
  const read: ReportSamples[] = [];
  for (const { name, iteration } of files) {
    const path = join(folder, name);
    const bytes = await guarded(path, () => readFile(path));
    read.push(
      name.endsWith(".txt")
        ? { iteration, extension: "txt", content: bytes.toString("utf8") }
        : { iteration, extension: "png", content: bytes },
    );
  }
  return read;
}

function parseDiagnostics(text: string | undefined, path: string): Diagnostics | undefined {
  const value = text === undefined ? undefined : parseJson(text);
  if (text !== undefined && value === undefined)
    throw new RunFolderError(`${path} is cut short or is not JSON.`, "Delete it; training writes it anew.");
  return value as Diagnostics | undefined;
}
