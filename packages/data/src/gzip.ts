/** Unpacking gzip data, never further than is wanted: a few bytes may stand for gigabytes. */
import { fail, ValidationError } from "@ergodic/tensor";
import { messageOf } from "./files.js";

/** Told by the first two bytes, not by a file's name. */
export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** Unpacked bytes in a piece; the first one holds so many, or all. */
const PIECE = 1 << 18;

/**
 * What gzip data holds.
 *
 * @param mostOf the bytes it may have, told from the first of them
 * @param file the name to use in messages
 * @throws ValidationError when it is damaged, or goes on beyond that
 */
export async function gunzipped(
  bytes: Uint8Array,
  file: string,
  mostOf: (start: Uint8Array) => number,
): Promise<Uint8Array> {
  const [{ pipeline, Readable }, { createGunzip }] = await Promise.all([import("node:stream"), import("node:zlib")]);
  const pieces: Uint8Array[] = [];
  let [length, most] = [0, Infinity];
  // Errors come out of the last stream, too.
  const unpacked = pipeline(Readable.from([bytes]), createGunzip({ chunkSize: PIECE }), () => undefined);
  try {
    for await (const piece of unpacked as AsyncIterable<Uint8Array>) {
      if (length === 0) most = mostOf(piece);
      length += piece.length;
      if (length > most) fail(`${file} is gzip of more than ${most} bytes`, "that many", "get the file again");
      pieces.push(piece);
    }
  } catch (error) {
    if (error instanceof ValidationError) throw error;
    fail(`${file} is gzip that does not decompress (${messageOf(error)})`, "a whole gzip file", "get the file again");
  }
  return Buffer.concat(pieces, length);
}
