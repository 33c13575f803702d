/** The directory at the end of a zip archive: the members and their places. */
import { fail } from "@ergodic/tensor";

export const LOCAL = 0x04034b50;
export const CENTRAL = 0x02014b50;
export const END = 0x06054b50;
const END_64 = 0x06064b50;
const END_64_PLACE = 0x07064b50;
/** The value of a 32-bit field whose number is stored elsewhere, in 64 bits. */
export const ELSEWHERE = 0xffffffff;
const END_LENGTH = 22;
const LONGEST_COMMENT = 0xffff;
/** The number of last bytes of an archive that contain the end of the directory. */
export const TAIL_LENGTH = END_LENGTH + LONGEST_COMMENT + 76;

export interface Member {
  readonly name: string;
  readonly method: number;
  readonly checksum: number;
  readonly packed: number;
  readonly size: number;
  readonly at: number;
}

/** The offset of a directory and its number of members. */
export interface Place {
  readonly count: number;
  readonly at: number;
}

/** Finds the directory in a view of the end of the file, which begins at `base`. */
export function findDirectory(view: DataView, base: number, file: string): Place {
  const first = Math.max(0, view.byteLength - END_LENGTH - LONGEST_COMMENT);
  for (let end = view.byteLength - END_LENGTH; end >= first; end--) {
    if (view.getUint32(end, true) !== END) continue;
    const [count, at] = [view.getUint16(end + 10, true), view.getUint32(end + 16, true)];
    if (at !== ELSEWHERE && count !== 0xffff) return { count, at };
    if (end < 20 || view.getUint32(end - 20, true) !== END_64_PLACE) return { count, at };
    const large = Number(view.getBigUint64(end - 12, true));
    if (large < base || view.getUint32(large - base, true) !== END_64) broken(file, "its 64-bit directory is damaged");
    return {
      count: Number(view.getBigUint64(large - base + 32, true)),
      at: Number(view.getBigUint64(large - base + 48, true)),
    };
  }
  return broken(file, "it has no directory at its end");
}

/**
 * The most bytes that one packed byte unpacks to, by method: stored, and deflated, where two bits
 * encode a run of 258.
 */
const largestRatio: Partial<Record<number, number>> = { 0: 1, 8: 1032 };

/**
 * Reads the members from a view that holds the directory from `at` on.
 *
 * @param fileSize bytes of the whole archive
 * @throws ValidationError for members that reach beyond the file, or are larger than their packed
 * bytes can hold
 */
export function readDirectory(view: DataView, { count, at }: Place, fileSize: number, file: string): Member[] {
  const members: Member[] = [];
  for (let left = count; left > 0; left--) {
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
    const method = view.getUint16(at + 10, true);
    if (place + packed > fileSize) broken(file, `${name} in it is cut short`);
    if (size > packed * (largestRatio[method] ?? Infinity))
      broken(file, `${name} in it has ${packed} bytes, which cannot hold the ${size} that its directory says`);
    members.push({ ...{ name, size, packed, method, at: place }, checksum: view.getUint32(at + 16, true) });
    at = start + nameLength! + extraLength! + commentLength!;
  }
  return members;
}

/**
 * Numbers that do not fit 32 bits, from the extra field with tag 1, which holds them in this order.
 */
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

export function broken(file: string, why: string): never {
  fail(`${file} cannot be read: ${why}`, "a whole zip archive", "get the file again");
}
