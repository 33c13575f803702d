/** Unpacking gzip and zlib data, never further than is wanted: a few bytes may stand for gigabytes. */
import { fail, messageOf, ValidationError } from "@ergodic/tensor";

/** Told by the first two bytes, not by a file's name. */
export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** Unpacked bytes in a piece; the first one holds so many, or all. */
const PIECE = 1 << 18;

/** Ways to pack bytes, and what Node calls their unpackers. */
const unpackers = { gzip: "createGunzip", zlib: "createInflate" } as const;

/**
 * What gzip or zlib data holds.
 *
 * @param mostOf the bytes it may have, told from the first of them
 * @param file the name to use in messages
 * @throws ValidationError when it is damaged, or goes on beyond that
 */
export async function unpacked(
  bytes: Uint8Array,
  file: string,
  mostOf: (start: Uint8Array) => number,
  packing: keyof typeof unpackers = "gzip",
): Promise<Uint8Array> {
  const [{ pipeline, Readable }, zlib] = await Promise.all([import("node:stream"), import("node:zlib")]);
  const pieces: Uint8Array[] = [];
  let [length, most] = [0, Infinity];
  // Errors come out of the last stream, too.
  const unpacking = pipeline(Readable.from([bytes]), zlib[unpackers[packing]]({ chunkSize: PIECE }), () => undefined);
  try {
    for await (const piece of unpacking as AsyncIterable<Uint8Array>) {
      if (length === 0) most = mostOf(piece);
      length += piece.length;
      if (length > most) fail(`${file} is ${packing} of more than ${most} bytes`, "that many", "get the file again");
      pieces.push(piece);
    }
  } catch (error) {
    if (error instanceof ValidationError) throw error;
    fail(`${file} is ${packing} that does not decompress (${messageOf(error)})`, "a whole file", "get the file again");
  }
  return Buffer.concat(pieces, length);
}
