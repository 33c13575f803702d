/** IDX files, compressed or not. */
import { idxHeader, parseIdx, type IdxArray } from "../idx.js";
import { isGzip, unpacked } from "../unpacking.js";
import { wholeFile } from "./file-source.js";

/**
 * Reads an IDX file. Gzip is unpacked to the size that its header says.
 *
 * @throws ValidationError naming the file and what is wrong with it
 */
export async function readIdx(path: string): Promise<IdxArray> {
  const bytes = await wholeFile(path, "an IDX file");
  return parseIdx(isGzip(bytes) ? await unpacked(bytes, path, (start) => idxHeader(start, path).length) : bytes, path);
}
