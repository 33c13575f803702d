/**
 * Writes files whole or not at all.
 *
 * A reader never sees half a file, even when the writing process is killed. Everything is written
 * under a temporary name in the same folder, flushed to the disk, and then renamed.
 */
import { randomUUID } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fail, messageOf } from "@ergodic/tensor";

/** The content of a file. Several parts follow one another. */
export type FileContent = string | Uint8Array | readonly Uint8Array[];

/** The prefix of the names of unfinished files and folders. */
export const temporaryPrefix = ".tmp-";

/** Whether a name belongs to an unfinished file or folder. */
export const isTemporary = (name: string): boolean => name.startsWith(temporaryPrefix);

/** A name in the folder of `path` that no other writer uses, in this process or another. */
export function temporaryName(path: string): string {
  return join(dirname(path), `${temporaryPrefix}${process.pid}-${randomUUID().slice(0, 8)}-${basename(path)}`);
}

/**
 * Creates or replaces a file, whole or not at all.
 *
 * A link of that name is replaced, not followed.
 *
 * @throws the error of the operating system
 */
export async function writeFileWhole(path: string, content: FileContent): Promise<void> {
  const temporary = temporaryName(path);
  try {
    await writeFlushed(temporary, content);
    await rename(temporary, path);
    await flushFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

/**
 * Creates a folder with these files, whole or not at all.
 *
 * The folder must not exist. Names may contain folders, with "/" between them.
 *
 * @throws the error of the operating system
 */
export async function writeFolderWhole(path: string, files: Readonly<Record<string, FileContent>>): Promise<void> {
  const temporary = temporaryName(path);
  try {
    await mkdir(temporary, { recursive: true });
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(temporary, name)), { recursive: true });
      await writeFlushed(join(temporary, name), content);
    }
    await flushFolder(temporary);
    await rename(temporary, path);
    await flushFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    throw error;
  }
}

/**
 * Writes a file whole or not at all, and creates the folders above it.
 *
 * @throws ValidationError naming the path and the reason why it cannot be written
 */
export async function saveFile(path: string, content: FileContent): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFileWhole(path, content);
  } catch (error) {
    fail(`${path} cannot be written (${messageOf(error)})`, "a path that can be written", "choose another path");
  }
}

async function writeFlushed(path: string, content: FileContent): Promise<void> {
  // The flag is exclusive, so a link of that name is not followed in a folder that others write to.
  const file = await open(path, "wx");
  try {
    for (const part of typeof content === "string" || content instanceof Uint8Array ? [content] : content)
      await file.writeFile(part);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes a rename durable. Windows cannot flush folders and does not need to. */
async function flushFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
