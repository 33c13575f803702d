/** Names of new run folders, and leaving no trace of a run that never began. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { mkdir, rename, rm, rmdir, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { CliError } from "../errors.js";

/** `runs/<name>-<k>` with the first k that is larger than all there are. */
export function nextRunFolder(name: string, runs = "runs"): string {
  const taken = (existsSync(runs) ? readdirSync(runs) : []).flatMap((entry) => {
    const number = entry.startsWith(`${name}-`) ? entry.slice(name.length + 1) : "";
    return /^\d+$/.test(number) ? [Number(number)] : [];
  });
  return join(runs, `${name}-${Math.max(0, ...taken) + 1}`);
}

/** Folders on the way to `folder`, itself included, that do not exist yet; innermost first. */
export function missingFolders(folder: string): string[] {
  const missing: string[] = [];
  for (let place = resolve(folder); !existsSync(place) && dirname(place) !== place; place = dirname(place))
    missing.push(place);
  return missing;
}

/** Takes back folders that `missingFolders` had listed: the run folder whole, those above it only when they are empty. */
export async function takeBack([folder, ...above]: readonly string[]): Promise<void> {
  if (folder === undefined) return;
  await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  for (const place of above) await rmdir(place).catch(() => undefined);
}

/**
 * Makes the folder that results will go to, before anything is computed for it.
 *
 * @returns the folders made on the way, for {@link takeBack} when the results never come.
 * @throws CliError when it holds something already.
 */
export async function claimFolder(folder: string): Promise<readonly string[]> {
  const missing = missingFolders(folder);
  await mkdir(folder, { recursive: true });
  const names = readdirSync(folder);
  if (names.length === 0) return missing;
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

/** Writes a file whole or not at all; into what is no regular file (a device, a pipe) it writes directly. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  if (existsSync(path) && !statSync(path).isFile()) return writeFile(path, content);
  const temporary = join(dirname(path), `.tmp-${process.pid}-${Date.now()}`);
  try {
    await writeFile(temporary, content);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw Object.assign(error as NodeJS.ErrnoException, { path });
  }
}
