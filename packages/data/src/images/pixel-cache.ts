/**
 * Decoded pixels in a file, so that pictures are decoded once.
 *
 * The file's name is a hash of everything that decides the pixels: paths, sizes and times of change
 * of the files, and the settings. A file that is not whole counts as missing.
 */
import { byteReader, sha256 } from "@ergodic/formats";
import { exists, fileSource, saveFile } from "../files.js";
import type { FileReport } from "./files/remarks.js";
import type { SquareSettings } from "./squares.js";

export interface CachedPixels {
  readonly pixels: Uint8Array<ArrayBuffer>;
  readonly reduced: FileReport["reduced"];
}

/** To be increased when the same pictures and settings give other pixels. */
const VERSION = 1;

/**
 * The path of the file with the pixels of these pictures.
 *
 * @param files paths within the folder
 * @param selection what else decides which pictures of the files are taken
 */
export async function cacheFile(
  cache: string,
  folder: string,
  files: readonly string[],
  settings: SquareSettings,
  ...selection: readonly unknown[]
): Promise<string> {
  const { stat } = await import("node:fs/promises");
  const { join, resolve } = await import("node:path");
  const pictures: unknown[] = [];
  for (const file of files) {
    const { size, mtimeMs } = await stat(join(folder, file));
    pictures.push([file, size, mtimeMs]);
  }
  const { size, crop, channels } = settings;
  const part = typeof crop === "string" ? crop : [crop.top, crop.left, crop.height, crop.width];
  const identity = JSON.stringify([VERSION, resolve(folder), size, part, channels, pictures, ...selection]);
  return join(cache, `images-${(await sha256(new TextEncoder().encode(identity))).slice(0, 32)}.bin`);
}

/**
 * The pixels from the file, or new ones, which the file then keeps.
 *
 * @param path undefined: nothing is kept
 * @param length bytes of the pixels
 */
export async function cachedPixels(
  path: string | undefined,
  length: number,
  make: () => Promise<CachedPixels>,
): Promise<CachedPixels> {
  const known = path === undefined ? undefined : await readCache(path, length);
  if (known !== undefined) return known;
  const made = await make();
  if (path !== undefined) await writeCache(path, made);
  return made;
}

/** Writes the pixels, then JSON with their checksum and the remarks on the files. */
async function writeCache(path: string, { pixels, reduced }: CachedPixels): Promise<void> {
  const end = JSON.stringify({ sha256: await sha256(pixels), reduced });
  await saveFile(path, [pixels, new TextEncoder().encode(end)]);
}

/** What was written there; undefined when there is no file, or one that is not whole. */
async function readCache(path: string, length: number): Promise<CachedPixels | undefined> {
  if (!(await exists(path))) return undefined;
  const source = await fileSource(path, "decoded pixels");
  const { size } = source;
  if (size <= length) return undefined;
  const reader = byteReader(source.chunks(0, size), path);
  try {
    const pixels = await reader.read(length);
    const end = parsed(new TextDecoder().decode(await reader.read(size - length)));
    return end !== undefined && end.sha256 === (await sha256(pixels)) ? { pixels, reduced: end.reduced } : undefined;
  } finally {
    await reader.close();
  }
}

function parsed(text: string): { readonly sha256: string; readonly reduced: FileReport["reduced"] } | undefined {
  try {
    return JSON.parse(text) as { sha256: string; reduced: FileReport["reduced"] };
  } catch {
    return undefined;
  }
}
