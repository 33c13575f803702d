/**
 * Files of run folders. Failures of the file system become one clear `RunFolderError`, and nothing
 * is ever half-written.
 */
import type { Stats } from "node:fs";
import * as fs from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { isTemporary, temporaryName, writeFileWhole, writeFolderWhole, type FileContent } from "@ergodic/formats/node";
import { systemProblem } from "@ergodic/tensor";
import { RunFolderError } from "./errors.js";

/** Creates or replaces a file, whole or not at all. @throws RunFolderError */
export const writeRunFile = (path: string, content: FileContent): Promise<void> =>
  guarded(path, () => writeFileWhole(path, content));

/**
 * Creates a folder with these files, whole or not at all; the folder must not exist.
 *
 * @throws RunFolderError
 */
export const writeRunFolder = (path: string, files: Readonly<Record<string, FileContent>>): Promise<void> =>
  guarded(path, () => writeFolderWhole(path, files));

/** Removes a folder so that it is either whole or gone for every reader. @throws RunFolderError */
export async function removeFolderWhole(path: string): Promise<void> {
  const temporary = `${temporaryName(path)}-old`;
  await guarded(path, async () => {
    await fs.rename(path, temporary);
    await fs.rm(temporary, { recursive: true, force: true });
  });
}

/** Removes what a killed process left unfinished in a folder. */
export async function removeTemporary(folder: string): Promise<void> {
  await guarded(folder, async () => {
    for (const name of await listFolder(folder)) {
      if (isTemporary(name)) await fs.rm(join(folder, name), { recursive: true, force: true });
    }
  });
}

/** Names in a folder, sorted; none when it does not exist. @throws RunFolderError */
export async function listFolder(folder: string): Promise<string[]> {
  return guarded(folder, async () => {
    try {
      return (await fs.readdir(folder)).sort();
    } catch (error) {
      if (errorCode(error) === "ENOENT") return [];
      throw error;
    }
  });
}

/**
 * Names of the files in a folder, sorted: no folders, no links. None when it does not exist or is
 * itself a link.
 *
 * @throws RunFolderError
 */
export async function listFiles(folder: string): Promise<string[]> {
  return guarded(folder, async () => {
    if ((await lstatIfAny(folder))?.isDirectory() !== true) return [];
    const entries = await fs.readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map(({ name }) => name)
      .sort();
  });
}

/**
 * Makes a folder and those above it. Of two processes that make the same one, one is told that it
 * did.
 *
 * @returns the folders that were made, the innermost first; none when it was there.
 * @throws RunFolderError
 */
export async function makeFolder(folder: string): Promise<string[]> {
  return guarded(folder, () => makeFolders(resolve(folder)));
}

async function makeFolders(folder: string): Promise<string[]> {
  try {
    await fs.mkdir(folder);
    return [folder];
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT" && dirname(folder) !== folder) {
      const above = await makeFolders(dirname(folder));
      return [...(await makeFolders(folder)), ...above];
    }
    if (code === "EEXIST" && (await fs.stat(folder)).isDirectory()) return [];
    throw error;
  }
}

/** Removes those of the folders that are empty. */
export async function removeEmpty(folders: readonly string[]): Promise<void> {
  for (const folder of folders) await fs.rmdir(folder).catch(() => undefined);
}

/**
 * Makes a folder inside `root`, which exists, and refuses links on the way: what is written below
 * it lies in `root`.
 *
 * @returns its path.
 * @throws RunFolderError when one of the names is a link or a file.
 */
export async function ownFolder(root: string, ...names: readonly string[]): Promise<string> {
  let path = root;
  for (const name of names) {
    path = join(path, name);
    if ((await lstatIfAny(path))?.isSymbolicLink() === true) {
      throw new RunFolderError(
        `${path} is a link to another place; results are written into ${root} itself.`,
        "Replace the link by a folder.",
      );
    }
    await makeFolder(path);
  }
  return path;
}

/** What lies at a path, a link not followed; undefined when there is nothing. */
export async function lstatIfAny(path: string): Promise<Stats | undefined> {
  return guarded(path, async () => {
    try {
      return await fs.lstat(path);
    } catch (error) {
      if (errorCode(error) === "ENOENT") return undefined;
      throw error;
    }
  });
}

/** Text of a file, or undefined when it does not exist. @throws RunFolderError */
export async function readTextIfAny(path: string): Promise<string | undefined> {
  return guarded(path, async () => {
    try {
      return await fs.readFile(path, "utf8");
    } catch (error) {
      if (errorCode(error) === "ENOENT") return undefined;
      throw error;
    }
  });
}

/** Runs a piece of file work on `path`; an error of the file system becomes a RunFolderError. */
export async function guarded<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw folderError(path, error) ?? error;
  }
}

/** Failures that leave what was written before as it was. */
const full = ["ENOSPC", "EFBIG", "EDQUOT"];

/** The RunFolderError for an error of the file system; undefined for any other error. */
export function folderError(path: string, error: unknown): RunFolderError | undefined {
  const found = error instanceof RunFolderError ? undefined : systemProblem(error);
  if (found === undefined) return undefined;
  const { code, problem, remedy } = found;
  const kept = full.includes(code) ? " The last checkpoint is intact, so the run can be resumed." : "";
  return new RunFolderError(`can't use ${path}: ${problem} (${code}).`, `${remedy}${kept}`, { cause: error });
}

/** The code of an error of the file system, such as ENOENT. */
export function errorCode(error: unknown): string | undefined {
  return systemProblem(error)?.code;
}
