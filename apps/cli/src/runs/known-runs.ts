/** The runs in a folder of runs. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { readRun, runPaths, type ReportContent } from "@ergodic/training/node";
import { CliError } from "../errors.js";

/** A run and what its folder shows. */
export interface KnownRun {
  readonly folder: string;
  /** When its metrics or its record last changed, in milliseconds. */
  readonly changed: number;
  readonly content: ReportContent;
}

/** Folders of runs in `runs`, the least recently changed first. */
function foldersOfRuns(runs: string): { readonly folder: string; readonly changed: number }[] {
  if (!existsSync(runs)) throw new CliError(`there is no folder ${runs}. Train something: ergodic train quickstart`);
  return readdirSync(runs)
    .map((name) => join(runs, name))
    .filter((folder) => existsSync(runPaths(folder).config))
    .map((folder) => {
      const { config, metrics } = runPaths(folder);
      const times = [config, metrics].filter((path) => existsSync(path)).map((path) => statSync(path).mtimeMs);
      return { folder, changed: Math.max(...times) };
    })
    .sort((a, b) => a.changed - b.changed);
}

/**
 * All runs in a folder, the least recently changed first.
 *
 * @throws CliError when there is no such folder; RunFolderError for a damaged run
 */
export const knownRuns = (runs: string): Promise<KnownRun[]> =>
  Promise.all(foldersOfRuns(runs).map(async (run) => ({ ...run, content: await readRun(run.folder) })));

/** The most recently changed run. @throws CliError when there is none */
export async function lastRun(runs = "runs"): Promise<string> {
  const last = foldersOfRuns(runs).at(-1);
  if (last === undefined) throw new CliError(`there is no run in ${runs}. Train something: ergodic train quickstart`);
  return last.folder;
}
