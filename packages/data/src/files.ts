/**
 * Reading and writing files, under Node only.
 *
 * Node's modules are imported when a function is called and not before, so the package itself loads in a browser.
 */
import { fail } from "@ergodic/tensor";
import { parseIdx, type IdxArray } from "./idx.js";

/** The content, decompressed if it is gzip (told by its first two bytes, not by a file's name). */
export async function decompressed(bytes: Uint8Array, file: string): Promise<Uint8Array> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const { gunzipSync } = await import("node:zlib");
  try {
    return gunzipSync(bytes);
  } catch (error) {
    fail(`${file} is gzip that does not decompress (${messageOf(error)})`, "a whole gzip file", "get the file again");
  }
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether there is a file (or folder) at this path. */
export async function exists(path: string): Promise<boolean> {
  const { access } = await import("node:fs/promises");
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Reads an IDX file, compressed or not. @throws ValidationError naming the file and what is wrong with it. */
export async function readIdx(path: string): Promise<IdxArray> {
  const { readFile } = await import("node:fs/promises");
  const bytes = await readFile(path).catch((error: unknown) =>
    fail(`${path} cannot be read (${messageOf(error)})`, "an IDX file", "check the path and that the file is readable"),
  );
  return parseIdx(await decompressed(bytes, path), path);
}

/** SHA-256 in lower-case hexadecimal digits. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const { createHash } = await import("node:crypto");
  return createHash("sha256").update(bytes).digest("hex");
}

/** SHA-256 of a file of any size. */
export async function sha256OfFile(path: string): Promise<string> {
  const { createReadStream } = await import("node:fs");
  const { createHash } = await import("node:crypto");
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path) as AsyncIterable<Uint8Array>) hash.update(chunk);
  return hash.digest("hex");
}

/** Writes a file so that it is either there whole or not at all: to a name of its own first, then renamed. */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const { mkdir, rename, rm, writeFile } = await import("node:fs/promises");
  const { dirname } = await import("node:path");
  const { randomUUID } = await import("node:crypto");
  const part = `${path}.${randomUUID()}.part`;
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(part, bytes);
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}
