/** Unpacking compressed data within a bound: a few bytes may stand for gigabytes. */
import { fail, messageOf, ValidationError } from "@ergodic/tensor";
import { joinedBytes } from "./joined-bytes.js";

/** Whether bytes are gzip, by the first two of them. A file's name does not count. */
export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** Ways to pack bytes, and what the platform calls them. "deflate" has neither header nor checksum. */
const formats = { gzip: "gzip", zlib: "deflate", deflate: "deflate-raw" } as const;

export type Packing = keyof typeof formats;

/**
 * Unpacked bytes in pieces, as they are asked for.
 *
 * @param file the name to use in messages
 * @throws ValidationError when the data is damaged or cut short; errors of `chunks` as they are
 */
export async function* unpackedChunks(
  chunks: AsyncIterable<Uint8Array>,
  packing: Packing,
  file: string,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const source = chunks[Symbol.asyncIterator]();
  let sourceError: unknown;
  const packed = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await source.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        sourceError = error;
        throw error;
      }
    },
    async cancel() {
      await source.return?.();
    },
  });
  const reader = packed.pipeThrough(new DecompressionStream(formats[packing])).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value as Uint8Array<ArrayBuffer>;
    }
  } catch (error) {
    if (sourceError !== undefined) throw sourceError;
    fail(`${file} does not unpack (${reasonOf(error)})`, `whole ${packing} data`, "get the file again");
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/**
 * What packed data holds.
 *
 * @param mostOf the bytes that it may have, told from the first of them
 * @param file the name to use in messages
 * @throws ValidationError when it is damaged, or goes on beyond that
 */
export async function unpacked(
  bytes: Uint8Array,
  file: string,
  mostOf: (start: Uint8Array) => number,
  packing: Packing = "gzip",
): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  let [length, most] = [0, Infinity];
  for await (const piece of unpackedChunks(once(bytes), packing, file)) {
    if (length === 0) most = mostOf(piece);
    length += piece.length;
    if (length > most) fail(`${file} unpacks to more than ${most} bytes`, "that many at most", "get the file again");
    pieces.push(piece);
  }
  return joinedBytes(pieces);
}

async function* once<T>(value: T): AsyncGenerator<T> {
  yield await Promise.resolve(value);
}

/** Newer versions of Node leave the message empty and put the reason into the cause. */
function reasonOf(error: unknown): string {
  if (error instanceof ValidationError || !(error instanceof Error)) return messageOf(error);
  return error.message === "" ? messageOf(error.cause) : error.message;
}
