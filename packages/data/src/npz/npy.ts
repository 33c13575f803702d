/**
 * NumPy's `.npy` format: a magic string, a version, a Python dictionary literal with type, order and shape, then the numbers.
 *
 * Source: NumPy, "A simple file format for NumPy arrays" (NEP 1).
 */
import { fail } from "@ergodic/tensor";

export type NpyValues =
  Float32Array | Float64Array | Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array;

/** An array as NumPy stores it; `values` are row-major whatever the file's order is. 64-bit integers become float64. */
export interface NpyArray {
  readonly shape: readonly number[];
  readonly values: NpyValues;
}

const constructors = {
  f4: Float32Array,
  f8: Float64Array,
  u1: Uint8Array,
  b1: Uint8Array,
  i1: Int8Array,
  u2: Uint16Array,
  i2: Int16Array,
  u4: Uint32Array,
  i4: Int32Array,
  i8: BigInt64Array,
  u8: BigUint64Array,
} as const;

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** Data starts at a multiple of this. */
const ALIGNMENT = 64;

/** What stands before the numbers. */
export interface NpyHeader {
  readonly shape: readonly number[];
  /** "float32", "uint8" and so on. */
  readonly type: string;
  /** Bytes of one number. */
  readonly width: number;
  /** How many bytes follow. */
  readonly length: number;
  /** The first axis varies fastest. */
  readonly columnMajor: boolean;
  /** Numbers from bytes, which become its own. */
  read(bytes: Uint8Array<ArrayBuffer>): NpyValues;
}

/** Bytes from which {@link npyHeaderLength} can be told. */
export const NPY_PREFIX = 12;

/** Where the numbers start. @throws ValidationError for what is no `.npy` */
export function npyHeaderLength(bytes: Uint8Array, file: string): number {
  if (bytes.length < 10 || MAGIC.some((byte, i) => bytes[i] !== byte))
    fail(`${file} does not start as .npy files do`, "a NumPy array", "write it with numpy.save");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const long = bytes[6]! >= 2;
  if (long && bytes.length < 12) fail(`${file} has ${bytes.length} bytes`, "a whole NumPy array", "get the file again");
  return long ? 12 + view.getUint32(8, true) : 10 + view.getUint16(8, true);
}

/** @param bytes all that stands before the numbers, at least */
export function parseNpyHeader(bytes: Uint8Array, file: string): NpyHeader {
  const start = bytes[6]! >= 2 ? 12 : 10;
  const header = new TextDecoder("latin1").decode(bytes.subarray(start, npyHeaderLength(bytes, file)));
  const type = /'descr': *'([<>|=]?)([a-z]\d+)'/.exec(header);
  const order = /'fortran_order': *(True|False)/.exec(header);
  const sizes = /'shape': *\(([\d, ]*)\)/.exec(header);
  const make =
    type && (constructors as Partial<Record<string, (typeof constructors)[keyof typeof constructors]>>)[type[2]!];
  if (!make || !order || !sizes)
    return fail(
      `${file} is described by ${header.trim()}`,
      `one array of ${Object.keys(constructors).join(", ")}`,
      "store plain numbers, no objects or text",
    );
  const shape = sizes[1]!.split(",").flatMap((side) => (side.trim() === "" ? [] : [Number(side)]));
  const width = make.BYTES_PER_ELEMENT;
  return {
    type: make.name.replace("Array", "").toLowerCase(),
    ...{ shape, width, columnMajor: order[1] === "True" },
    length: shape.reduce((product, side) => product * side, width),
    read(own) {
      if (type[1] === ">") swapBytes(own, width);
      const stored = new make(own.buffer);
      return stored instanceof BigInt64Array || stored instanceof BigUint64Array ? plainNumbers(stored) : stored;
    },
  };
}

/**
 * @param file the name to use in messages
 * @throws ValidationError naming the file when it is no `.npy`, is cut short, or holds objects, text or other types
 */
export function parseNpy(bytes: Uint8Array, file: string): NpyArray {
  const { shape, length, columnMajor, read } = parseNpyHeader(bytes, file);
  const end = npyHeaderLength(bytes, file);
  const data = new Uint8Array(bytes.subarray(end, end + length)); // a copy, so that it is aligned
  if (data.length !== length) fail(`${file} has ${data.length} bytes of data`, `${length}`, "get the file again");
  const values = read(data);
  return { shape, values: columnMajor ? rowMajor(values, shape) : values };
}

/** `.npy` bytes, version 1.0, row-major, little-endian. */
export function formatNpy({ shape, values }: NpyArray): Uint8Array {
  const count = shape.reduce((product, side) => product * side, 1);
  if (count !== values.length)
    fail(`the array holds ${values.length} numbers`, `${count} for the shape [${shape.join(",")}]`, "check the shape");
  const code = Object.entries(constructors).find(([, make]) => values instanceof make)![0];
  const descr = `${values.BYTES_PER_ELEMENT === 1 ? "|" : "<"}${code}`;
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const length = Math.ceil((10 + text.length + 1) / ALIGNMENT) * ALIGNMENT - 10;
  const data = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const bytes = new Uint8Array(10 + length + data.length);
  bytes.set([...MAGIC, 1, 0, length & 255, length >>> 8]);
  bytes.set(new TextEncoder().encode(`${text.padEnd(length - 1)}\n`), 10);
  bytes.set(data, 10 + length);
  return bytes;
}

function plainNumbers(values: BigInt64Array | BigUint64Array): Float64Array {
  return Float64Array.from({ length: values.length }, (_, i) => Number(values[i]));
}

function swapBytes(bytes: Uint8Array, width: number): void {
  for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse();
}

/** From column-major to row-major. */
export function rowMajor<V extends NpyValues>(values: V, shape: readonly number[]): V {
  const out = values.slice() as V;
  const index = shape.map(() => 0);
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, side) => product * side, 1));
  for (let at = 0, from = 0; at < values.length; at++) {
    out[at] = values[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= index[axis]! * strides[axis]!;
      index[axis] = 0;
    }
  }
  return out;
}
