/**
 * Zip archives, such as `.npz` files and newer weights files of PyTorch.
 *
 * Stored and deflated members are read, stored ones are written.
 *
 * Source: PKWARE, ".ZIP File Format Specification" (APPNOTE), sections 4.3 and 4.5.3 (sizes beyond
 * 32 bits).
 */
import { fail, joined } from "@ergodic/tensor";
import { bytesSource } from "../byte-source.js";
import { crc32 } from "../crc32.js";
import { broken, CENTRAL, ELSEWHERE, END, findDirectory, LOCAL, readDirectory, type Member } from "./directory.js";
import { memberContent } from "./members.js";

/**
 * Unpacks a member up to the size in the directory, and checks its CRC-32.
 *
 * @param most the bound on its bytes; a larger member is refused before it is unpacked
 */
export type Unpack = (most?: number) => Promise<Uint8Array>;

/**
 * The members of an archive by name. Each is unpacked on demand.
 *
 * @param file the name to use in messages
 * @throws ValidationError when the archive is cut short, encrypted, damaged, or packed by another
 * method than deflate
 */
export function readZip(bytes: Uint8Array, file: string): ReadonlyMap<string, Unpack> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const members = readDirectory(view, findDirectory(view, 0, file), bytes.length, file);
    return new Map(members.map((member) => [member.name, (most) => contentOf(bytes, member, file, most)]));
  } catch (error) {
    if (error instanceof RangeError) return broken(file, "its directory points outside the file");
    throw error;
  }
}

/**
 * An archive of these members, not compressed.
 *
 * The date is fixed, so equal members give equal bytes.
 */
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
  return joined(Uint8Array, [...parts, ...entries, fields("42222442", [END, 0, 0, count, count, length, at, 0])]);
}

/** Little-endian numbers. Each digit of `widths` is the number of bytes of one. */
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

async function contentOf(bytes: Uint8Array, member: Member, file: string, most = Infinity): Promise<Uint8Array> {
  const { name, size } = member;
  if (size > most) fail(`${name} in ${file} has ${size} bytes`, `at most ${most}`, "get the file again");
  const parts: Uint8Array[] = [];
  for await (const part of memberContent(bytesSource(bytes, file), member)) parts.push(part);
  return joined(Uint8Array, parts);
}
