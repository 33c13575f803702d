/** Unpacks compressed data within a bound, because a few bytes may unpack to gigabytes. */
import { fail, joined, messageOf, ValidationError } from "@ergodic/tensor";

/** Whether bytes are gzip, by the first two of them and not by the name of the file. */
export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/**
 * Kinds of compression and their names on the platform. "deflate" has no header and no checksum.
 */
const formats = { gzip: "gzip", zlib: "deflate", deflate: "deflate-raw" } as const;

export type Packing = keyof typeof formats;

/**
 * Unpacks bytes in pieces, on demand.
 *
 * @param file the name to use in messages
 * @throws ValidationError when the data is damaged or cut short; errors of `chunks` pass unchanged
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
 * Unpacks data whole.
 *
 * @param mostOf the bound on the unpacked bytes, computed from the first piece
 * @param file the name to use in messages
 * @throws ValidationError when the data is damaged, or continues beyond the bound
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
  return joined(Uint8Array, pieces);
}

async function* once<T>(value: T): AsyncGenerator<T> {
  yield await Promise.resolve(value);
}

/** The reason of a failure. Newer versions of Node leave the message empty and set the cause. */
function reasonOf(error: unknown): string {
  if (error instanceof ValidationError || !(error instanceof Error)) return messageOf(error);
  return error.message === "" ? messageOf(error.cause) : error.message;
}
