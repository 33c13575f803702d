/**
 * Zip archives, as `.npz` files and PyTorch's newer weights files are: reading stored and deflated members, writing stored ones.
 *
 * Source: PKWARE, ".ZIP File Format Specification" (APPNOTE), sections 4.3 and 4.5.3 (sizes beyond 32 bits).
 */
import { crc32 } from "@ergodic/formats";
import { fail, messageOf } from "@ergodic/tensor";
import { joinedBytes } from "../joined-bytes.js";
import { broken, CENTRAL, ELSEWHERE, END, findDirectory, LOCAL, readDirectory, type Member } from "./zip-directory.js";

/**
 * Unpacks a member and checks it against its CRC-32, never beyond the size in the directory.
 *
 * @param most bytes that are of use: a member that has more is refused before it is unpacked
 */
export type Unpack = (most?: number) => Promise<Uint8Array>;

/**
 * The members of an archive by name; each is unpacked when it is asked for.
 *
 * @param file the name to use in messages
 * @throws ValidationError where the archive is cut short, encrypted, damaged, or packed in another way than deflate
 */
export function readZip(bytes: Uint8Array, file: string): ReadonlyMap<string, Unpack> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const members = readDirectory(view, findDirectory(view, 0, file), bytes.length, file);
    return new Map(members.map((member) => [member.name, (most) => unpacked(bytes, view, member, file, most)]));
  } catch (error) {
    if (error instanceof RangeError) return broken(file, "its directory points outside the file");
    throw error;
  }
}

/** An archive of these members, not compressed, with a fixed date: equal members give equal bytes. */
export function writeZip(members: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const parts: Uint8Array[] = [];
  const entries: Uint8Array[] = [];
  let at = 0;
  for (const [name, content] of members) {
    const encoded = new TextEncoder().encode(name);
    const checksum = crc32(content);
    const common = [20, 0, 0, 0x00210000, checksum, content.length, content.length, encoded.length];
    parts.push(fields("4222444422", [LOCAL, ...common, 0]), encoded, content);
    entries.push(fields("4222244442222244", [CENTRAL, 20, ...common, 0, 0, 0, 0, 0, at]), encoded);
    at += 30 + encoded.length + content.length;
  }
  const length = entries.reduce((sum, entry) => sum + entry.length, 0);
  if (at + length >= ELSEWHERE) fail(`the archive would have ${at + length} bytes`, "less than 4 GiB", "write several");
  const count = members.size;
  return joinedBytes([...parts, ...entries, fields("42222442", [END, 0, 0, count, count, length, at, 0])]);
}

/** Little-endian numbers, of as many bytes as the digits say. */
function fields(widths: string, values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array([...widths].reduce((sum, width) => sum + Number(width), 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  values.forEach((value, i) => {
    if (widths[i] === "2") view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += Number(widths[i]);
  });
  return bytes;
}

async function unpacked(
  bytes: Uint8Array,
  view: DataView,
  { name, at, packed, method, size, checksum }: Member,
  file: string,
  most = Infinity,
): Promise<Uint8Array> {
  if (size > most) fail(`${name} in ${file} has ${size} bytes`, `at most ${most}`, "get the file again");
  if (at + 30 > bytes.length || view.getUint32(at, true) !== LOCAL)
    broken(file, `${name} in it is not where it should be`);
  const start = at + 30 + view.getUint16(at + 26, true) + view.getUint16(at + 28, true);
  if (start + packed > bytes.length) broken(file, `${name} in it is cut short`);
  const content = await inflated(bytes.subarray(start, start + packed), method, size, `${name} in ${file}`);
  if (content.length !== size || crc32(content) !== checksum) broken(file, `${name} in it is damaged`);
  return content;
}

async function inflated(content: Uint8Array, method: number, size: number, what: string): Promise<Uint8Array> {
  if (method === 0) return content;
  if (method !== 8) fail(`${what} is packed by method ${method}`, "0 (stored) or 8 (deflated)", "pack it again");
  const { inflateRawSync } = await import("node:zlib");
  try {
    return inflateRawSync(content, { maxOutputLength: Math.max(1, size) });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE")
      return fail(`${what} unpacks to more than ${size} bytes`, "the size in its directory", "get the file again");
    return fail(`${what} does not unpack (${messageOf(error)})`, "deflated data", "get the file again");
  }
}
