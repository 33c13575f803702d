/**
 * Zip archives, as `.npz` files and PyTorch's newer weights files are: reading stored and deflated members, writing stored ones.
 *
 * Source: PKWARE, ".ZIP File Format Specification" (APPNOTE), sections 4.3 and 4.5.3 (sizes beyond 32 bits).
 */
import { fail } from "@ergodic/tensor";
import { messageOf } from "../files.js";
import { crc32 } from "./crc32.js";

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END_64 = 0x06064b50;
const END_64_PLACE = 0x07064b50;
/** A 32-bit field that says: the number stands elsewhere, in 64 bits. */
const ELSEWHERE = 0xffffffff;
const END_LENGTH = 22;
const LONGEST_COMMENT = 0xffff;

interface Member {
  readonly name: string;
  readonly method: number;
  readonly checksum: number;
  readonly packed: number;
  readonly size: number;
  readonly at: number;
}

/**
 * The members of an archive by name; each is unpacked, and checked against its CRC-32, when it is asked for.
 *
 * @param file the name to use in messages
 * @throws ValidationError where the archive is cut short, encrypted, damaged, or packed in another way than deflate
 */
export function readZip(bytes: Uint8Array, file: string): ReadonlyMap<string, () => Promise<Uint8Array>> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return new Map(directory(view, file).map((member) => [member.name, () => unpacked(bytes, view, member, file)]));
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
  return joined([...parts, ...entries, fields("42222442", [END, 0, 0, count, count, length, at, 0])]);
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

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function directory(view: DataView, file: string): Member[] {
  let { count, at } = endOf(view, file);
  const members: Member[] = [];
  for (; count > 0; count--) {
    if (view.getUint32(at, true) !== CENTRAL) broken(file, "its directory is damaged");
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) => view.getUint16(at + field, true));
    const start = at + 46;
    const name = new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + start, nameLength));
    if ((view.getUint16(at + 8, true) & 1) !== 0) broken(file, `${name} in it is encrypted`);
    const [size, packed, place] = wide(
      view,
      [24, 20, 42].map((field) => view.getUint32(at + field, true)),
      start + nameLength!,
      extraLength!,
    ) as [number, number, number];
    members.push({
      ...{ name, size, packed, at: place },
      method: view.getUint16(at + 10, true),
      checksum: view.getUint32(at + 16, true),
    });
    at = start + nameLength! + extraLength! + commentLength!;
  }
  return members;
}

/** Where the directory starts and how many members it has. */
function endOf(view: DataView, file: string): { count: number; at: number } {
  const first = Math.max(0, view.byteLength - END_LENGTH - LONGEST_COMMENT);
  for (let end = view.byteLength - END_LENGTH; end >= first; end--) {
    if (view.getUint32(end, true) !== END) continue;
    const [count, at] = [view.getUint16(end + 10, true), view.getUint32(end + 16, true)];
    if (at !== ELSEWHERE && count !== 0xffff) return { count, at };
    if (end < 20 || view.getUint32(end - 20, true) !== END_64_PLACE) return { count, at };
    const large = Number(view.getBigUint64(end - 12, true));
    if (view.getUint32(large, true) !== END_64) broken(file, "its 64-bit directory is damaged");
    return { count: Number(view.getBigUint64(large + 32, true)), at: Number(view.getBigUint64(large + 48, true)) };
  }
  return broken(file, "it has no directory at its end");
}

/** Numbers that did not fit 32 bits, from the extra field with tag 1, where they stand in this order. */
function wide(view: DataView, values: number[], at: number, length: number): number[] {
  for (let tag = at; tag + 4 <= at + length; tag += 4 + view.getUint16(tag + 2, true)) {
    if (view.getUint16(tag, true) !== 1) continue;
    let next = tag + 4;
    return values.map((value) => {
      if (value !== ELSEWHERE) return value;
      next += 8;
      return Number(view.getBigUint64(next - 8, true));
    });
  }
  return values;
}

async function unpacked(bytes: Uint8Array, view: DataView, member: Member, file: string): Promise<Uint8Array> {
  const { name, at, packed, method, size, checksum } = member;
  if (at + 30 > bytes.length || view.getUint32(at, true) !== LOCAL)
    broken(file, `${name} in it is not where it should be`);
  const start = at + 30 + view.getUint16(at + 26, true) + view.getUint16(at + 28, true);
  if (start + packed > bytes.length) broken(file, `${name} in it is cut short`);
  const content = await inflated(bytes.subarray(start, start + packed), method, `${name} in ${file}`);
  if (content.length !== size || crc32(content) !== checksum) broken(file, `${name} in it is damaged`);
  return content;
}

async function inflated(content: Uint8Array, method: number, what: string): Promise<Uint8Array> {
  if (method === 0) return content;
  if (method !== 8) fail(`${what} is packed by method ${method}`, "0 (stored) or 8 (deflated)", "pack it again");
  const { inflateRawSync } = await import("node:zlib");
  try {
    return inflateRawSync(content);
  } catch (error) {
    return fail(`${what} does not unpack (${messageOf(error)})`, "deflated data", "get the file again");
  }
}

function broken(file: string, why: string): never {
  fail(`${file} cannot be read: ${why}`, "a whole zip archive", "get the file again");
}
