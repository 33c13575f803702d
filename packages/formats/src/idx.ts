/**
 * The IDX format of the MNIST files, between bytes and arrays.
 *
 * Layout, big-endian: two zero bytes, a type byte, the number of axes, one uint32 per axis, then
 * the values in row-major order.
 *
 * Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits", section "File
 * formats".
 */
import { fail } from "@ergodic/tensor";
import { littleEndian, swapBytes } from "./arrays/byte-order.js";

const types = {
  0x08: { name: "uint8", bytes: 1, make: (n: number) => new Uint8Array(n), read: "getUint8" },
  0x09: { name: "int8", bytes: 1, make: (n: number) => new Int8Array(n), read: "getInt8" },
  0x0b: { name: "int16", bytes: 2, make: (n: number) => new Int16Array(n), read: "getInt16" },
  0x0c: { name: "int32", bytes: 4, make: (n: number) => new Int32Array(n), read: "getInt32" },
  0x0d: { name: "float32", bytes: 4, make: (n: number) => new Float32Array(n), read: "getFloat32" },
  0x0e: { name: "float64", bytes: 8, make: (n: number) => new Float64Array(n), read: "getFloat64" },
} as const;

export type IdxValues = Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;
export type IdxType = (typeof types)[keyof typeof types]["name"];

/** The content of an IDX file. */
export type IdxArray = { readonly type: IdxType; readonly shape: readonly number[]; readonly values: IdxValues };

const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");

/** The header of an IDX file. */
export interface IdxHeader {
  readonly type: (typeof types)[keyof typeof types];
  readonly shape: readonly number[];
  /** The offset of the values. */
  readonly start: number;
  /** Bytes of the whole file. */
  readonly length: number;
}

/**
 * Reads the header.
 *
 * @throws ValidationError naming the file when its first bytes are no IDX header
 */
export function idxHeader(bytes: Uint8Array, file: string): IdxHeader {
  if (bytes.length < 4) fail(`${file} has ${bytes.length} bytes`, "an IDX file of at least 4", "get the file again");
  const [zero0, zero1, code, axes] = bytes as unknown as readonly [number, number, number, number];
  const type = (types as Partial<Record<number, (typeof types)[keyof typeof types]>>)[code];
  if (zero0 !== 0 || zero1 !== 0 || type === undefined || axes === 0) {
    const expected = "an IDX magic number: 00 00, a type (08, 09, 0b, 0c, 0d, 0e) and the number of axes";
    return fail(
      `${file} starts with ${hex(bytes.subarray(0, 4))}`,
      expected,
      "check that it is the IDX file and was not altered",
    );
  }
  const start = 4 + 4 * axes;
  if (bytes.length < start) {
    fail(`${file} has ${bytes.length} bytes`, `a header of ${start} for ${axes} axes`, "get the file again");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: axes }, (_, axis) => view.getUint32(4 + 4 * axis));
  return { type, shape, start, length: shape.reduce((product, side) => product * side, type.bytes) + start };
}

/**
 * Reads the content of an IDX file that is not compressed.
 *
 * Bytes (`uint8`) are a view of the input, not a copy.
 *
 * @param file the name to use in messages
 * @throws ValidationError naming the file when the magic number, the type or the length is wrong
 */
export function parseIdx(bytes: Uint8Array, file: string): IdxArray {
  const { type, shape, start, length } = idxHeader(bytes, file);
  if (bytes.length !== length) {
    const remedy = bytes.length < length ? "the file was cut short: get it again" : "get the file again";
    fail(
      `${file} has ${bytes.length} bytes`,
      `${length} for ${type.name} values of shape [${shape.join(",")}]`,
      remedy,
    );
  }
  if (type.name === "uint8") return { type: type.name, shape, values: bytes.subarray(start) };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = (length - start) / type.bytes;
  const values = type.make(size);
  for (let i = 0; i < size; i++) values[i] = view[type.read](start + i * type.bytes);
  return { type: type.name, shape, values };
}

/**
 * The bytes of an IDX file.
 *
 * @throws ValidationError when the values do not fit the type or the shape
 */
export function formatIdx({ type, shape, values }: IdxArray): Uint8Array {
  const [code, { bytes: width, make }] = Object.entries(types).find(([, known]) => known.name === type)!;
  const count = shape.reduce((product, side) => product * side, 1);
  if (!(values instanceof make(0).constructor) || values.length !== count)
    fail(`the array holds ${values.length} values in a ${values.constructor.name}`, `${count} of ${type}`);
  const start = 4 + 4 * shape.length;
  const bytes = new Uint8Array(start + width * count);
  bytes.set(littleEndian(values), start);
  swapBytes(bytes.subarray(start), width);
  bytes.set([Number(code), shape.length], 2);
  shape.forEach((side, axis) => new DataView(bytes.buffer).setUint32(4 + 4 * axis, side));
  return bytes;
}
