/**
 * The claim of a run folder for the time of one training: the folder exists, can be used, and is
 * locked.
 */
import { makeFolder, removeEmpty } from "./files.js";
import { assertFree } from "./folder.js";
import { acquireLock } from "./lock.js";
import { runPaths, type RunPaths } from "./run-paths.js";
import { readRunRecord, type RunRecord } from "./run-record.js";

/** A folder that no other process trains in. */
export interface Claim {
  readonly paths: RunPaths;
  /** The record of the run to go on with, undefined for a new one. */
  readonly record: RunRecord | undefined;
  /** Unlocks the folder, and removes it when it was made for this and is empty. */
  release(): Promise<void>;
}

/** What a folder is claimed for. */
export interface ClaimOptions {
  readonly folder: string;
  readonly resume: boolean;
  readonly overwrite: boolean;
  /** The command line, told to other processes that want the folder. */
  readonly command: string | null;
  notice(message: string): void;
}

/**
 * Claims a folder for a new run or for going on.
 *
 * @throws RunFolderError when it can't be created, holds anything else, is no run to go on with, or
 *   another process trains in it.
 */
export async function claimRun({ folder, resume, overwrite, command, notice }: ClaimOptions): Promise<Claim> {
  const paths = runPaths(folder);
  if (resume) await readRunRecord(paths.folder);
  const made = resume ? [] : await makeFolder(paths.folder);
  try {
    if (!resume) await assertFree(paths, overwrite);
    const lock = await acquireLock(paths.folder, command, notice);
    try {
      // Again, under the lock: another process may have trained here in between.
      if (!resume) await assertFree(paths, overwrite);
      const record = resume ? await readRunRecord(paths.folder) : undefined;
      return {
        paths,
        record,
        async release() {
          lock.release();
          await removeEmpty(made);
        },
      };
    } catch (error) {
      lock.release();
      throw error;
    }
  } catch (error) {
    await removeEmpty(made);
    throw error;
  }
}
