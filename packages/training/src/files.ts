/**
 * Files of run folders. File-system failures become a `RunFolderError`, and no file is ever
 * partial.
 */
import type { Stats } from "node:fs";
import * as fs from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { isTemporary, temporaryName, writeFileWhole, writeFolderWhole, type FileContent } from "@ergodic/formats/node";
import { systemProblem } from "@ergodic/tensor";
import { RunFolderError } from "./errors.js";

/** Creates or replaces a file atomically. @throws RunFolderError */
export const writeRunFile = (path: string, content: FileContent): Promise<void> =>
  guarded(path, () => writeFileWhole(path, content));

/**
 * Creates a folder with these files atomically. The folder must not exist.
 *
 * @throws RunFolderError
 */
export const writeRunFolder = (path: string, files: Readonly<Record<string, FileContent>>): Promise<void> =>
  guarded(path, () => writeFolderWhole(path, files));

/** Removes a folder atomically: a reader sees all of it or nothing. @throws RunFolderError */
export async function removeFolderWhole(path: string): Promise<void> {
  const temporary = `${temporaryName(path)}-old`;
  await guarded(path, async () => {
    await fs.rename(path, temporary);
    await fs.rm(temporary, { recursive: true, force: true });
  });
}

/** Removes temporary files that a killed process left in a folder. */
export async function removeTemporary(folder: string): Promise<void> {
  await guarded(folder, async () => {
    for (const name of await listFolder(folder)) {
      if (isTemporary(name)) await fs.rm(join(folder, name), { recursive: true, force: true });
    }
  });
}

/** Names in a folder, sorted. Empty when it does not exist. @throws RunFolderError */
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
 * Names of the regular files in a folder, sorted, without folders and links. Empty when the folder
 * does not exist or is a link.
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
 * Creates a folder and its missing parents. If two processes create the same folder, it is reported
 * to one of them.
 *
 * @returns the created folders, innermost first; empty if the folder existed.
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

/** Removes the empty ones of the folders. */
export async function removeEmpty(folders: readonly string[]): Promise<void> {
  for (const folder of folders) await fs.rmdir(folder).catch(() => undefined);
}

/**
 * Creates a folder inside the existing `root`. Links on the way are rejected, so files in it lie
 * inside `root`.
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

/** The entry at a path, without following links. Undefined when there is none. */
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

/** Runs file operations on `path`. File-system errors become a RunFolderError. */
export async function guarded<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw folderError(path, error) ?? error;
  }
}

/** Errors for a full disk, a file too large, or an exhausted quota. Earlier files stay intact. */
const full = ["ENOSPC", "EFBIG", "EDQUOT"];

/** The RunFolderError for a file-system error; undefined for other errors. */
export function folderError(path: string, error: unknown): RunFolderError | undefined {
  const found = error instanceof RunFolderError ? undefined : systemProblem(error);
  if (found === undefined) return undefined;
  const { code, problem, remedy } = found;
  const kept = full.includes(code) ? " The last checkpoint is intact, so the run can be resumed." : "";
  return new RunFolderError(`can't use ${path}: ${problem} (${code}).`, `${remedy}${kept}`, { cause: error });
}

/** The code of a file-system error, such as ENOENT. */
export function errorCode(error: unknown): string | undefined {
  return systemProblem(error)?.code;
}
