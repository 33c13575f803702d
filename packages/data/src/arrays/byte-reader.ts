/** Reading a stream of bytes by the counts one needs, in memory that does not grow with the file. */
import { fail, messageOf } from "@ergodic/tensor";
import { joinedBytes } from "../joined-bytes.js";

export interface ByteReader {
  /** The next bytes, in a buffer of their own. @throws ValidationError when there are fewer */
  read(count: number): Promise<Uint8Array<ArrayBuffer>>;
  /** @throws ValidationError when something is left; a stream that checks itself at its end does it here */
  end(): Promise<void>;
  /** Frees the stream wherever it is. */
  close(): Promise<void>;
}

/** @param file the name to use in messages */
export function byteReader(chunks: AsyncIterable<Uint8Array>, file: string): ByteReader {
  const iterator = chunks[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array(0);
  return {
    async read(count) {
      // A count that lies is found where the stream ends, before memory is taken for it.
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
      return joinedBytes(parts);
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

/** The bytes of a file from `start` to before `end`, as they are needed. @throws ValidationError when it cannot be read */
export async function* fileBytes(path: string, start: number, end: number): AsyncGenerator<Uint8Array> {
  if (start === end) return;
  const { createReadStream } = await import("node:fs");
  try {
    yield* createReadStream(path, { start, end: end - 1, highWaterMark: 1 << 18 }) as AsyncIterable<Uint8Array>;
  } catch (error) {
    fail(`${path} cannot be read (${messageOf(error)})`, "a file", "check the path and that the file is readable");
  }
}

/** A short part of a file. @throws ValidationError when it cannot be read or is shorter */
export async function bytesAt(path: string, start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
  const reader = byteReader(fileBytes(path, start, end), path);
  try {
    return await reader.read(end - start);
  } finally {
    await reader.close();
  }
}

/** @throws ValidationError naming the path when there is no file */
export async function sizeOf(path: string, what: string): Promise<number> {
  const { stat } = await import("node:fs/promises");
  const found = await stat(path).catch((error: unknown) =>
    fail(`${path} cannot be read (${messageOf(error)})`, what, "check the path"),
  );
  if (!found.isFile()) fail(`${path} is a folder or a device`, what, "check the path");
  return found.size;
}
