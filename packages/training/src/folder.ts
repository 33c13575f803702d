/**
 * Prepares a run folder for a new or resumed run.
 *
 * A folder is a run if it holds a config.json. Other content is never touched unless the caller
 * allows it.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { isTemporary } from "@ergodic/formats/node";
import { RunFolderError } from "./errors.js";
import { guarded, listFolder, ownFolder, removeTemporary } from "./files.js";
import { lockFile } from "./lock.js";
import type { RunPaths } from "./run-paths.js";
import { readRunRecord } from "./run-record.js";

/**
 * Checks that a new run can use the folder: it is empty, holds only what a training left that was
 * killed before it began, or `overwrite` is set.
 *
 * @throws RunFolderError with what the folder holds.
 */
export async function assertFree(paths: RunPaths, overwrite: boolean): Promise<void> {
  if (overwrite) return;
  const names = (await listFolder(paths.folder)).filter((name) => !isTemporary(name) && name !== lockFile);
  if (names.includes("config.json") && (await isRun(paths.folder))) {
    throw new RunFolderError(`${paths.folder} already holds a run.`, "Resume it, or choose another folder.");
  }
  const left = [paths.checkpoints, paths.samples];
  for (const name of names) {
    const path = join(paths.folder, name);
    if (left.includes(path) && (await listFolder(path)).length === 0) continue;
    throw new RunFolderError(
      `${paths.folder} is not empty and is not a run (it holds ${names.slice(0, 3).join(", ")}${names.length > 3 ? ", ..." : ""}).`,
      "Choose an empty or a new folder.",
    );
  }
}

async function isRun(folder: string): Promise<boolean> {
  return readRunRecord(folder).then(
    () => true,
    () => false,
  );
}

/**
 * Removes all files of an earlier run except its lock, and creates the folders of a new one.
 *
 * @throws RunFolderError
 */
export async function clearRun(paths: RunPaths): Promise<void> {
  await removeTemporary(paths.folder);
  const { config, status, metrics, checkpoints, samples, diagnostics, report, experiment, workers } = paths;
  await guarded(paths.folder, async () => {
    for (const path of [config, status, metrics, checkpoints, samples, diagnostics, report, experiment, workers]) {
      await rm(path, { recursive: true, force: true });
    }
  });
  await ownFolder(paths.folder, "checkpoints");
  await ownFolder(paths.folder, "samples");
}

/**
 * Prepares the folder of an earlier run for resuming: removes unfinished files of a killed process.
 *
 * @throws RunFolderError
 */
export async function tidyRun(paths: RunPaths): Promise<void> {
  await ownFolder(paths.folder, "checkpoints");
  await ownFolder(paths.folder, "samples");
  for (const place of [paths.folder, paths.checkpoints, paths.samples]) await removeTemporary(place);
}
