/**
 * Arrays of numbers in MATLAB's files, Level 5 (`save -v6` and `-v7`).
 *
 * The reader covers what data sets in this format need.
 *
 * Source: The MathWorks, "MAT-File Format", Level 5.
 */
import { fail } from "@ergodic/tensor";
import { unpacked } from "./unpacking.js";

/** Values in column-major order: the first axis varies fastest. */
export interface MatArray {
  readonly shape: readonly number[];
  readonly values: Uint8Array | Float64Array;
}

const HEADER = 128;
const MATRIX = 14;
const COMPRESSED = 15;
/** Whether a class is one of numbers: double, single, and whole numbers of 8 to 64 bits. */
const isNumeric = (kind: number): boolean => kind >= 6 && kind <= 15;

const numbers: Readonly<Record<number, { readonly bytes: number; readonly read: NumberReader }>> = {
  1: { bytes: 1, read: "getInt8" },
  2: { bytes: 1, read: "getUint8" },
  3: { bytes: 2, read: "getInt16" },
  4: { bytes: 2, read: "getUint16" },
  5: { bytes: 4, read: "getInt32" },
  6: { bytes: 4, read: "getUint32" },
  7: { bytes: 4, read: "getFloat32" },
  9: { bytes: 8, read: "getFloat64" },
};
type NumberReader =
  "getInt8" | "getUint8" | "getInt16" | "getUint16" | "getInt32" | "getUint32" | "getFloat32" | "getFloat64";

interface Element {
  readonly type: number;
  readonly data: Uint8Array;
  /** The offset of the next element. */
  readonly next: number;
}

/**
 * Reads the arrays of these names.
 *
 * @param file the name to use in messages
 * @throws ValidationError when the file is of another kind, is damaged, or lacks one of the arrays
 */
export async function readMat<Names extends string>(
  bytes: Uint8Array,
  file: string,
  names: readonly Names[],
): Promise<Record<Names, MatArray>> {
  const little = isLittle(bytes, file);
  const found: Partial<Record<string, MatArray>> = {};
  const elementAt = (from: Uint8Array, at: number): Element => element(from, at, little, file);
  for (let at = HEADER; at < bytes.length;) {
    const outer = elementAt(bytes, at);
    at = outer.next;
    const inner = outer.type === COMPRESSED ? elementAt(await inflated(outer.data, file, little), 0) : outer;
    const matrix = inner.type === MATRIX ? matrixOf(inner.data, elementAt, little, file, names) : undefined;
    if (matrix !== undefined) found[matrix.name] = matrix.array;
  }
  const missing = names.find((name) => found[name] === undefined);
  if (missing !== undefined) fail(`${file} has no array of numbers ${missing}`, `arrays ${names.join(" and ")}`);
  return found as Record<Names, MatArray>;
}

const damaged = (file: string, why: string): never =>
  fail(`${file} is damaged (${why})`, "a whole MATLAB file", "get the file again");

function isLittle(bytes: Uint8Array, file: string): boolean {
  const mark = String.fromCharCode(...bytes.subarray(126, HEADER));
  const version = new TextDecoder().decode(bytes.subarray(0, 10));
  if (version === "MATLAB 7.3") fail(`${file} is a MATLAB file of version 7.3`, "version 5 to 7", "save it with -v7");
  if (mark !== "IM" && mark !== "MI")
    fail(`${file} is no MATLAB file of version 5 to 7`, "one", "check that it is the right file");
  return mark === "IM";
}

const inflated = (packed: Uint8Array, file: string, little: boolean): Promise<Uint8Array> =>
  unpacked(packed, file, (start) => (start.length < 8 ? 8 : 8 + viewOf(start).getUint32(4, little)), "zlib");

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/**
 * Reads an element: a tag of type and length, and the data. Up to four bytes of data are in the
 * tag.
 */
function element(bytes: Uint8Array, at: number, little: boolean, file: string): Element {
  if (at + 8 > bytes.length) damaged(file, "an element has no tag");
  const view = viewOf(bytes);
  const first = view.getUint32(at, little);
  const short = first >>> 16;
  const length = short === 0 ? view.getUint32(at + 4, little) : short;
  const start = short === 0 ? at + 8 : at + 4;
  if (start + length > bytes.length || short > 4) damaged(file, "an element is longer than the file");
  const type = short === 0 ? first : first & 0xffff;
  const padded = type === COMPRESSED ? length : 8 * Math.ceil(length / 8);
  return { type, data: bytes.subarray(start, start + length), next: short === 0 ? start + padded : at + 8 };
}

/** The array of a matrix element; undefined when its name is none of the given ones. */
function matrixOf(
  data: Uint8Array,
  elementAt: (from: Uint8Array, at: number) => Element,
  little: boolean,
  file: string,
  names: readonly string[],
): { readonly name: string; readonly array: MatArray } | undefined {
  const flags = elementAt(data, 0);
  if (flags.data.length < 8) damaged(file, "an array has no class");
  const kind = viewOf(flags.data).getUint32(0, little) & 0xff;
  const sides = elementAt(data, flags.next);
  const called = elementAt(data, sides.next);
  const name = new TextDecoder().decode(called.data);
  if (!names.includes(name) || !isNumeric(kind)) return undefined;
  const shape = Array.from({ length: sides.data.length / 4 }, (_, i) => viewOf(sides.data).getInt32(4 * i, little));
  const stored = elementAt(data, called.next);
  const type = numbers[stored.type];
  if (type === undefined)
    return fail(`${name} in ${file} holds numbers of type ${stored.type}`, "up to 32 bits, or floats");
  const count = shape.reduce((product, side) => product * side, 1);
  if (stored.data.length !== count * type.bytes) damaged(file, `${name} has other sides than values`);
  if (type.read === "getUint8") return { name, array: { shape, values: stored.data } };
  const view = viewOf(stored.data);
  const values = Float64Array.from({ length: count }, (_, i) => view[type.read](i * type.bytes, little));
  return { name, array: { shape, values } };
}
