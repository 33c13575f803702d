/** Names of new run folders, and clean-up of runs that never began. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { writeFileWhole } from "@ergodic/formats/node";
import { makeFolder, ownFolder, removeEmpty, writeRunFile } from "@ergodic/training/node";
import { CliError } from "../errors.js";

/** A folder that this process may write to. */
export interface ClaimedFolder {
  readonly folder: string;
  /**
   * Folders that were created for it, innermost first. {@link takeBack} removes them when there are
   * no results.
   */
  readonly made: readonly string[];
}

/**
 * Creates `runs/<name>-<k>` with k above all existing numbers. Concurrent processes get different
 * folders.
 *
 * @throws RunFolderError when it cannot be created.
 */
export async function nextRunFolder(name: string, runs = "runs"): Promise<ClaimedFolder> {
  const above = await makeFolder(runs);
  const taken = readdirSync(runs).flatMap((entry) => {
    const number = entry.startsWith(`${name}-`) ? entry.slice(name.length + 1) : "";
    return /^\d+$/.test(number) ? [Number(number)] : [];
  });
  for (let k = Math.max(0, ...taken) + 1; ; k++) {
    const folder = join(runs, `${name}-${k}`);
    const made = existsSync(folder) ? [] : await makeFolder(folder);
    if (made.length > 0) return { folder, made: [...made, ...above] };
  }
}

/**
 * Removes folders created for results: the innermost with its content, the others only when empty.
 */
export async function takeBack([folder, ...above]: readonly string[]): Promise<void> {
  if (folder === undefined) return;
  await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  await removeEmpty(above);
}

/**
 * Creates the folder for results before anything is computed.
 *
 * @throws CliError when it is not empty; RunFolderError when it cannot be created.
 */
export async function claimFolder(folder: string): Promise<ClaimedFolder> {
  const made = await makeFolder(folder);
  const names = readdirSync(folder);
  if (names.length === 0) return { folder, made };
  const shown = `${names.slice(0, 3).join(", ")}${names.length > 3 ? ", ..." : ""}`;
  throw new CliError(`${folder} is not empty (it holds ${shown}). Choose an empty or a new folder.`);
}

/** The path for display: relative when it is below the working folder. */
export function shownPath(path: string): string {
  const near = relative(process.cwd(), path);
  return near === "" ? "." : near.startsWith("..") ? path : near;
}

/** A path quoted as one shell word. */
export function quoted(path: string): string {
  return /^[\w./\\:@+-]+$/.test(path) ? path : `"${path}"`;
}

/**
 * Writes a file of a run folder, whole or not at all. Does not follow links in the folder.
 *
 * @returns its path.
 */
export async function writeInRun(run: string, names: readonly string[], content: string | Uint8Array): Promise<string> {
  const path = join(await ownFolder(run, ...names.slice(0, -1)), names.at(-1) ?? "");
  await writeRunFile(path, content);
  return path;
}

/** Writes a file, whole or not at all. Devices and pipes are written directly. */
export async function writeResult(path: string, content: string | Uint8Array): Promise<void> {
  if (existsSync(path) && !statSync(path).isFile()) return writeFile(path, content);
  await writeFileWhole(path, content).catch((error: unknown) => {
    throw Object.assign(error as NodeJS.ErrnoException, { path });
  });
}
