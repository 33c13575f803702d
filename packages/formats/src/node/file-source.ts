/** Files as sources of bytes that are read in parts. */
import { createReadStream } from "node:fs";
import { access, stat } from "node:fs/promises";
import { fail, messageOf } from "@ergodic/tensor";
import { bytesAt, type ByteSource } from "../byte-source.js";

/** Bytes in a piece. */
const PIECE = 1 << 18;

/**
 * Opens a file as a source of bytes.
 *
 * @param what the expected kind of file, for messages: "an .npz file"
 * @throws ValidationError naming the path when there is no file
 */
export async function fileSource(path: string, what: string): Promise<ByteSource> {
  const unreadable = (error: unknown) =>
    fail(`${path} cannot be read (${messageOf(error)})`, what, "check the path and that the file is readable");
  const found = await stat(path).catch(unreadable);
  if (!found.isFile()) fail(`${path} is a folder or a device`, what, "check the path");
  return {
    name: path,
    size: found.size,
    async *chunks(start, end) {
      if (start >= end) return;
      try {
        yield* createReadStream(path, { start, end: end - 1, highWaterMark: PIECE }) as AsyncIterable<Uint8Array>;
      } catch (error) {
        unreadable(error);
      }
    },
  };
}

/** The size of the largest file that is read whole, in bytes. */
const MOST = 2 ** 31;

/**
 * All bytes of a file.
 *
 * @throws ValidationError when it cannot be read, or has more than 2 GiB
 */
export async function wholeFile(path: string, what: string): Promise<Uint8Array<ArrayBuffer>> {
  const source = await fileSource(path, what);
  if (source.size > MOST)
    fail(`${path} has ${source.size} bytes`, `${what} of at most ${MOST}`, "check that it is the right file");
  return bytesAt(source, 0, source.size);
}

/** Whether a file or folder exists at this path. */
export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
