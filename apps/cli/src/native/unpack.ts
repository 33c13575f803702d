/** Extracts single files from a wheel, which is a ZIP archive. */
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import { openPromise } from "yauzl";

/**
 * Writes every file for which `place` returns a path.
 *
 * @returns the names of the written files.
 */
export async function unpack(archive: string, place: (name: string) => string | undefined): Promise<string[]> {
  const zip = await openPromise(archive);
  const written: string[] = [];
  for await (const entry of zip.eachEntry()) {
    const path = entry.fileName.endsWith("/") ? undefined : place(entry.fileName);
    if (path === undefined) continue;
    await mkdir(dirname(path), { recursive: true });
    await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(path));
    written.push(entry.fileName);
  }
  return written;
}
