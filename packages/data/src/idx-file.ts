/** IDX files, compressed or not. */
import { fail, messageOf } from "@ergodic/tensor";
import { unpacked, isGzip } from "./gzip.js";
import { idxHeader, parseIdx, type IdxArray } from "./idx.js";

/** Reads an IDX file; gzip is unpacked to the size that its header says. @throws ValidationError naming the file and what is wrong with it. */
export async function readIdx(path: string): Promise<IdxArray> {
  const { readFile } = await import("node:fs/promises");
  const bytes = await readFile(path).catch((error: unknown) =>
    fail(`${path} cannot be read (${messageOf(error)})`, "an IDX file", "check the path and that the file is readable"),
  );
  const sizeOf = (start: Uint8Array): number => idxHeader(start, path).length;
  return parseIdx(isGzip(bytes) ? await unpacked(bytes, path, sizeOf) : bytes, path);
}
