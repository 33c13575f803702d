/** Reads a stream of bytes by count, in memory that does not grow with the stream. */
import { fail, joined } from "@ergodic/tensor";

export interface ByteReader {
  /**
   * Reads the next bytes into a buffer of their own.
   *
   * @throws ValidationError when there are fewer
   */
  read(count: number): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * Ends the reading. A stream that checks itself at its end does so now.
   *
   * @throws ValidationError when bytes are left
   */
  end(): Promise<void>;
  /** Frees the stream at any position. */
  close(): Promise<void>;
}

/** @param file the name to use in messages */
export function byteReader(chunks: AsyncIterable<Uint8Array>, file: string): ByteReader {
  const iterator = chunks[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array(0);
  return {
    async read(count) {
      // A wrong count is found at the end of the stream, before memory is allocated for it.
      const parts: Uint8Array[] = [];
      for (let missing = count; missing > 0;) {
        if (rest.length === 0) {
          const next = await iterator.next();
          if (next.done === true)
            fail(`${file} ends ${missing} bytes too early`, "all that its header says", "get the file again");
          rest = next.value;
        }
        const part = rest.subarray(0, missing);
        parts.push(part);
        [missing, rest] = [missing - part.length, rest.subarray(part.length)];
      }
      return joined(Uint8Array, parts);
    },
    async end() {
      if (rest.length > 0 || (await iterator.next()).done !== true)
        fail(`${file} goes on after its data`, "nothing", "get the file again");
    },
    async close() {
      await iterator.return?.();
    },
  };
}
