/**
 * Features in a file, written when they are computed, so that an interrupted extraction resumes.
 *
 * Layout: a line of JSON that names the network, then one record per batch:
 * - SHA-256 of its pixels
 * - SHA-256 of its numbers
 * - the number of images
 * - the numbers, features and then logits, in float32
 */
import { createHash } from "node:crypto";
import { open, type FileHandle } from "node:fs/promises";
import { fail, messageOf } from "@ergodic/tensor";
import type { PixelBatch } from "../images/image-batch.js";
import type { ExtractedFeatures, FeatureExtractor } from "./extractor.js";

const FORMAT = "ergodic-features-1";
const HASH = 32;
/** Two hashes and a count. */
const HEAD = 2 * HASH + 4;

interface Place {
  readonly at: number;
  readonly rows: number;
}

/**
 * Wraps an extractor: it finds features in the file by the images' pixels, and adds computed ones.
 *
 * Images are still read, or generated again. The same stream in batches of the same size finds all
 * earlier features. Changed images are computed again.
 *
 * @throws ValidationError when the file has other content, or features of another network
 */
export async function withFeatureFile(extractor: FeatureExtractor, path: string): Promise<FeatureExtractor> {
  const sha256 = (...parts: (string | Uint8Array)[]): Buffer =>
    parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();
  const { dimensions, classes = 0, protocol } = extractor;
  const width = 4 * (dimensions + classes);
  const file = await open(path, "a+").catch((error: unknown) =>
    fail(`${path} cannot be opened (${messageOf(error)})`, "a file"),
  );
  const title = `${JSON.stringify({ format: FORMAT, dimensions, classes, ...protocol })}\n`;
  const { known, end } = await contents(file, path, title, width);
  let size = end;

  const read = async ({ at, rows }: Place): Promise<ExtractedFeatures | undefined> => {
    const record = await bytesAt(file, at, HEAD + rows * width);
    const numbers = Uint8Array.from(record.subarray(HEAD));
    if (!sha256(numbers).equals(record.subarray(HASH, 2 * HASH))) return undefined;
    const all = new Float32Array(numbers.buffer);
    const split = rows * dimensions;
    return { features: all.slice(0, split), ...(classes === 0 ? {} : { logits: all.slice(split) }) };
  };
  return {
    ...extractor,
    async extract(images) {
      const key = sha256(...images.flatMap(identityOf));
      const place = known.get(key.toString("hex"));
      const found = place && (await read(place));
      if (found !== undefined) return found;
      const computed = await extractor.extract(images);
      const numbers = Buffer.concat([computed.features, ...(computed.logits ? [computed.logits] : [])].map(asBytes));
      const rows = Buffer.alloc(4);
      rows.writeUInt32LE(computed.features.length / dimensions);
      const record = Buffer.concat([key, sha256(numbers), rows, numbers]);
      await file
        .appendFile(record)
        .catch((error: unknown) => fail(`${path} cannot be written (${messageOf(error)})`, "space"));
      known.set(key.toString("hex"), { at: size, rows: rows.readUInt32LE() });
      size += record.length;
      return computed;
    },
    async dispose() {
      await file.close();
      await extractor.dispose();
    },
  };
}

/** Finds the records, and removes a last record that is incomplete. */
async function contents(
  file: FileHandle,
  path: string,
  title: string,
  width: number,
): Promise<{ known: Map<string, Place>; end: number }> {
  const { size } = await file.stat();
  const known = new Map<string, Place>();
  let at = Buffer.byteLength(title);
  if (size === 0) await file.appendFile(title);
  else if (!(await bytesAt(file, 0, Math.min(at, size))).equals(Buffer.from(title))) {
    await file.close();
    fail(`${path} holds something else, or features of another network`, title.trim(), "choose another file");
  }
  while (at + HEAD <= size) {
    const head = await bytesAt(file, at, HEAD);
    const rows = head.readUInt32LE(2 * HASH);
    if (at + HEAD + rows * width > size) break;
    known.set(head.toString("hex", 0, HASH), { at, rows });
    at += HEAD + rows * width;
  }
  if (at < size) await file.truncate(at);
  return { known, end: at };
}

async function bytesAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at);
  return buffer.subarray(0, bytesRead);
}

const asBytes = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** The pixels and sizes of a batch; equal ones have the same features. */
const identityOf = ({ pixels, count, height, width, channels }: PixelBatch): (string | Uint8Array)[] => [
  `${pixels.constructor.name} ${[count, height, width, channels].join(" ")};`,
  asBytes(pixels),
];
