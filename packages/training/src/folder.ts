/**
 * Making a run folder ready, for a new run or to go on. A folder is a run when it holds a
 * config.json; nothing else is ever touched unless the caller says so.
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
 * Checks that a new run can have the folder: it is empty, or holds what a training left that was
 * killed before it began, or `overwrite` is set.
 *
 * @throws RunFolderError saying what it holds.
 */
export async function assertFree(paths: RunPaths, overwrite: boolean): Promise<void> {
  if (overwrite) return;
  const names = (await listFolder(paths.folder)).filter((name) => !isTemporary(name) && name !== lockFile);
  if (names.includes("config.json") && (await isRun(paths.folder))) {
    throw new RunFolderError(
      `${paths.folder} already holds a run.`,
      "Resume it, overwrite it, or choose another folder.",
    );
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
 * Removes everything of an earlier run but its lock, and makes the folders of a new one.
 *
 * @throws RunFolderError
 */
export async function clearRun(paths: RunPaths): Promise<void> {
  await removeTemporary(paths.folder);
  const { config, metrics, checkpoints, samples, diagnostics, report, experiment } = paths;
  await guarded(paths.folder, async () => {
    for (const path of [config, metrics, checkpoints, samples, diagnostics, report, experiment]) {
      await rm(path, { recursive: true, force: true });
    }
  });
  await ownFolder(paths.folder, "checkpoints");
  await ownFolder(paths.folder, "samples");
}

/**
 * Makes the folder of an earlier run ready to go on: unfinished files of a killed process are
 * removed.
 *
 * @throws RunFolderError
 */
export async function tidyRun(paths: RunPaths): Promise<void> {
  await ownFolder(paths.folder, "checkpoints");
  await ownFolder(paths.folder, "samples");
  for (const place of [paths.folder, paths.checkpoints, paths.samples]) await removeTemporary(place);
}
