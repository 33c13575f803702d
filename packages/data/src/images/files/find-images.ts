/**
 * The image files of a folder, and the files that are left out.
 *
 * Left out are hidden files, such as copies of editors, files of operating systems, and links in
 * cycles.
 */
import type { Dirent } from "node:fs";
import { fail, messageOf } from "@ergodic/tensor";
import { promiseOf } from "./kinds.js";
import { remarks, type FileReport, type SkipReason } from "./remarks.js";

export interface FoundImages {
  /** Paths within the folder, with `/`, in the order of their names, without duplicates. */
  readonly files: readonly string[];
  readonly skipped: FileReport["skipped"];
}

/** Names of files and folders that macOS, Windows, and network storage leave behind. */
const LEFT_BY_SYSTEMS =
  /^(__macosx|thumbs\.db|ehthumbs(_vista)?\.db|desktop\.ini|icon\r|@eadir|@recycle|\$recycle\.bin|system volume information|lost\+found)$/i;

/**
 * Finds the images of a folder and its subfolders.
 *
 * Hidden folders and those of operating systems are left out. Links are followed last, and their
 * target counts once.
 *
 * @throws ValidationError when a folder cannot be read
 */
export async function findImages(folder: string): Promise<FoundImages> {
  const { readdir, realpath, stat } = await import("node:fs/promises");
  const { dirname, join, sep } = await import("node:path");
  const unreadable = (path: string) => (error: unknown) =>
    fail(`${path} cannot be read (${messageOf(error)})`, "a folder of images", "check the path");

  const files: string[] = [];
  const skipped = remarks<SkipReason>();
  /** Real paths of all folders and images that were visited. */
  const met = new Set<string>();
  const links: { readonly path: string; readonly name: string }[] = [];

  const take = (path: string, name: string): void => {
    const promise = promiseOf(name);
    if (promise === undefined) return skipped.add("other files", name);
    if (promise === "unread") return skipped.add("images of a kind that is not read", name);
    if (met.has(path)) return skipped.add("links to what is read already", name);
    met.add(path);
    files.push(name);
  };
  const visit = async (path: string, entry: Dirent, name: string): Promise<void> => {
    const shown = entry.isDirectory() ? `${name}/` : name;
    if (entry.name.startsWith(".")) return skipped.add("hidden", shown);
    if (LEFT_BY_SYSTEMS.test(entry.name)) return skipped.add("left by a system", shown);
    if (entry.isSymbolicLink()) return void links.push({ path, name });
    if (entry.isFile()) return take(path, name);
    if (!entry.isDirectory()) return skipped.add("no ordinary files", name);
    if (promiseOf(name) !== undefined) skipped.add("folders named like images", shown);
    await walk(path, name);
  };
  const walk = async (path: string, within: string): Promise<void> => {
    if (met.has(path)) return skipped.add("links to what is read already", `${within}/`);
    met.add(path);
    const entries = await readdir(path, { withFileTypes: true }).catch(unreadable(path));
    for (const entry of entries.sort(byName))
      await visit(join(path, entry.name), entry, within === "" ? entry.name : `${within}/${entry.name}`);
  };
  const follow = async (path: string, name: string): Promise<void> => {
    const target = await realpath(path).catch(() => undefined);
    if (target === undefined) return skipped.add("links to nothing", name);
    const found = await stat(target);
    if (found.isFile()) return take(target, name);
    if (!found.isDirectory()) return skipped.add("no ordinary files", name);
    const within = target.endsWith(sep) ? target : `${target}${sep}`;
    if ([dirname(path), root].some((inner) => `${inner}${sep}`.startsWith(within)))
      return skipped.add("links back to a folder around them", name);
    await walk(target, name);
  };

  const root = await realpath(folder).catch(unreadable(folder));
  await walk(root, "");
  for (const { path, name } of links) await follow(path, name); // following some finds others
  return { files: files.sort(), skipped: skipped.report() };
}

const byName = (a: Dirent, b: Dirent): number => (a.name < b.name ? -1 : 1);
