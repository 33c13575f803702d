/** Claims a run folder for one training: the folder exists, is usable and is locked. */
import { makeFolder, removeEmpty } from "./files.js";
import { assertFree } from "./folder.js";
import { acquireLock } from "./lock.js";
import { runPaths, type RunPaths } from "./run-paths.js";
import { readRunRecord, type RunRecord } from "./run-record.js";

/** A folder locked for this process. */
export interface Claim {
  readonly paths: RunPaths;
  /** The record of the run to continue, or undefined for a new run. */
  readonly record: RunRecord | undefined;
  /** Unlocks the folder. Removes it if the claim created it and it is empty. */
  release(): Promise<void>;
}

/** What the folder is claimed for. */
export interface ClaimOptions {
  readonly folder: string;
  readonly resume: boolean;
  readonly overwrite: boolean;
  /** The command line, shown to other processes that want the folder. */
  readonly command: string | null;
  notice(message: string): void;
}

/** The folder for a worker that follows the process which claims it. It is not locked again. */
export async function followClaim({ folder, resume }: Pick<ClaimOptions, "folder" | "resume">): Promise<Claim> {
  const record = resume ? await readRunRecord(folder) : undefined;
  return { paths: runPaths(folder), record, release: () => Promise.resolve() };
}

/**
 * Claims a folder for a new run or for resuming one.
 *
 * @throws RunFolderError when the folder cannot be created, holds other files, or holds no run to
 *   resume, or when another process trains in it.
 */
export async function claimRun({ folder, resume, overwrite, command, notice }: ClaimOptions): Promise<Claim> {
  const paths = runPaths(folder);
  if (resume) await readRunRecord(paths.folder);
  const made = resume ? [] : await makeFolder(paths.folder);
  try {
    if (!resume) await assertFree(paths, overwrite);
    const lock = await acquireLock(paths.folder, command, notice);
    try {
      // Check again under the lock: another process may have trained here in between.
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
