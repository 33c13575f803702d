/** Names of new run folders, and leaving no trace of a run that never began. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { writeFileWhole } from "@ergodic/formats/node";
import { makeFolder, ownFolder, removeEmpty, writeRunFile } from "@ergodic/training";
import { CliError } from "../errors.js";

/** A folder that this process may fill. */
export interface ClaimedFolder {
  readonly folder: string;
  /** The folders that were made for it, the innermost first: for {@link takeBack} when the results never come. */
  readonly made: readonly string[];
}

/**
 * Makes `runs/<name>-<k>` with the first k that is larger than all there are. Processes that ask at once get folders of their own.
 *
 * @throws RunFolderError when it can't be made.
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

/** Removes folders that were made for results: the innermost whole, those above it only when they are empty. */
export async function takeBack([folder, ...above]: readonly string[]): Promise<void> {
  if (folder === undefined) return;
  await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  await removeEmpty(above);
}

/**
 * Makes the folder that results will go to, before anything is computed for it.
 *
 * @throws CliError when it holds something already; RunFolderError when it can't be made.
 */
export async function claimFolder(folder: string): Promise<ClaimedFolder> {
  const made = await makeFolder(folder);
  const names = readdirSync(folder);
  if (names.length === 0) return { folder, made };
  const shown = `${names.slice(0, 3).join(", ")}${names.length > 3 ? ", ..." : ""}`;
  throw new CliError(`${folder} is not empty (it holds ${shown}). Choose an empty or a new folder.`);
}

/** The path as it can be typed from here: relative when it lies below the working folder. */
export function shownPath(path: string): string {
  const near = relative(process.cwd(), path);
  return near === "" ? "." : near.startsWith("..") ? path : near;
}

/** A path as one word of a shell. */
export function quoted(path: string): string {
  return /^[\w./\\:@+-]+$/.test(path) ? path : `"${path}"`;
}

/** Writes a file of a run folder, whole or not at all. No link that the folder came with is followed. Returns its path. */
export async function writeInRun(run: string, names: readonly string[], content: string | Uint8Array): Promise<string> {
  const path = join(await ownFolder(run, ...names.slice(0, -1)), names.at(-1) ?? "");
  await writeRunFile(path, content);
  return path;
}

/** Writes a file whole or not at all; into what is no regular file (a device, a pipe) it writes directly. */
export async function writeResult(path: string, content: string | Uint8Array): Promise<void> {
  if (existsSync(path) && !statSync(path).isFile()) return writeFile(path, content);
  await writeFileWhole(path, content).catch((error: unknown) => {
    throw Object.assign(error as NodeJS.ErrnoException, { path });
  });
}
