/** Reads what a run folder shows: its record, status, metrics and samples. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { evenly } from "@ergodic/report";
import { RunFolderError } from "./errors.js";
import { guarded, listFiles, readTextIfAny } from "./files.js";
import { flattenJson, parseJson } from "./json.js";
import { readMetrics } from "./metrics.js";
import { shownIteration, type Diagnostics, type ShownFile } from "./publish.js";
import type { ReportContent, ReportSamples } from "./report-page.js";
import { runPaths } from "./run-paths.js";
import { readRunRecord } from "./run-record.js";
import { readStanding } from "./standing.js";

/**
 * Maximum number of iterations whose samples a page shows: the first, the last, and evenly spaced
 * ones between.
 */
const shownMoments = 13;

/** The content of a run folder. @throws RunFolderError when it is no run or a file is damaged. */
export async function readRun(folder: string): Promise<ReportContent> {
  const paths = runPaths(folder);
  const record = await readRunRecord(folder);
  const metrics = await readMetrics(paths.metrics);
  const iterations = flattenJson(record.config).get("training.iterations");
  const names = await listFiles(paths.samples);
  const shown = (kind: ShownFile, most = shownMoments): Promise<ReportSamples[]> =>
    readShown(paths.samples, most === 1 ? shownIn(names, kind).slice(-1) : evenly(shownIn(names, kind), most));
  return {
    record,
    standing: await readStanding(paths, metrics.at(-1)?.iteration === iterations),
    metrics,
    samples: await shown("samples"),
    data: (await shown("data", 1))[0],
    landscape: (await shown("landscape", 1))[0],
    reconstruction: (await shown("reconstruction", 1))[0],
    translations: await shown("translation"),
    panels: (await shown("panels", 1))[0],
    diagnostics: parseDiagnostics(await readTextIfAny(paths.diagnostics), paths.diagnostics),
  };
}

type Named = { readonly name: string; readonly iteration: number };

/** Files of one kind, oldest first. */
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
