/** Bytes that are read in parts, from a file or an array in memory. */
import { byteReader } from "./byte-reader.js";

export interface ByteSource {
  /** The name to use in messages. */
  readonly name: string;
  /** The number of bytes. */
  readonly size: number;
  /**
   * The bytes from `start` to before `end`, in pieces.
   *
   * @throws ValidationError when they cannot be read
   */
  chunks(start: number, end: number): AsyncIterable<Uint8Array>;
}

/** An array in memory as a source. */
export const bytesSource = (bytes: Uint8Array, name: string): ByteSource => ({
  name,
  size: bytes.length,
  async *chunks(start, end) {
    if (start < end) yield await Promise.resolve(bytes.subarray(start, end));
  },
});

/**
 * The bytes from `start` to before `end`, in a buffer of their own.
 *
 * @throws ValidationError when there are fewer
 */
export async function bytesAt(source: ByteSource, start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
  const reader = byteReader(source.chunks(start, end), source.name);
  try {
    return await reader.read(end - start);
  } finally {
    await reader.close();
  }
}
