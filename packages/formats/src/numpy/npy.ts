/**
 * NumPy's `.npy` format.
 *
 * Layout: a magic string, a version, a Python dictionary literal with type, order and shape, then
 * the numbers.
 *
 * Source: NumPy, "A simple file format for NumPy arrays" (NEP 1).
 */
import { fail } from "@ergodic/tensor";
import { littleEndian, swapBytes } from "../arrays/byte-order.js";
import { numberType, type NumberTypeName, type NumberValues } from "../arrays/number-type.js";
import { inRowOrder } from "../arrays/strides.js";
import { PythonTuple, pythonLiteral, type PythonValue } from "./python-literal.js";

/** A NumPy array. Its `values` are row-major, whatever the order in the file is. */
export interface NpyArray {
  readonly shape: readonly number[];
  /** 16-bit floats become float32. 64-bit integers become float64, which is exact up to 2^53. */
  readonly values: NumberValues;
}

/** The codes of the types in NumPy: as it writes them, as a character, and by name. */
const codes: ReadonlyMap<unknown, NumberTypeName> = new Map(
  (
    [
      ["b1", "?", "bool"],
      ["u1", "B", "uint8"],
      ["i1", "b", "int8"],
      ["u2", "H", "uint16"],
      ["i2", "h", "int16"],
      ["u4", "I", "uint32"],
      ["i4", "i", "int32"],
      ["u8", "Q", "uint64"],
      ["i8", "q", "int64"],
      ["f2", "e", "float16"],
      ["f4", "f", "float32"],
      ["f8", "d", "float64"],
    ] as const
  ).flatMap(([code, character, name]) => [code, character, name].map((text) => [text, name] as const)),
);

/** Kinds of types that are no real numbers, by their first letter. */
const otherKinds: Readonly<Record<string, string>> = {
  ...{ O: "Python objects", c: "complex numbers", f: "floats of another width", S: "byte strings", a: "byte strings" },
  ...{ U: "text", M: "dates", m: "differences of time", V: "raw bytes, as which NumPy saves bfloat16 among others" },
};

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** Data starts at a multiple of this many bytes. */
const ALIGNMENT = 64;
/** The longest header of a single array. Longer headers describe records of many fields. */
const LONGEST_HEADER = 0xffff;

/** The header of a `.npy` file. */
export interface NpyHeader {
  readonly shape: readonly number[];
  /** "float32", "uint8" and so on. */
  readonly type: string;
  /** Bytes of one number. */
  readonly width: number;
  /** Bytes of the numbers. */
  readonly length: number;
  /** The first axis varies fastest. */
  readonly columnMajor: boolean;
  /** Converts bytes to numbers. The numbers own the bytes. */
  read(bytes: Uint8Array<ArrayBuffer>): NumberValues;
}

/** Bytes that {@link npyHeaderLength} needs. */
export const NPY_PREFIX = 12;

/**
 * The offset of the numbers.
 *
 * @throws ValidationError for bytes that do not start as a `.npy` file
 */
export function npyHeaderLength(bytes: Uint8Array, file: string): number {
  if (bytes.length < NPY_PREFIX || MAGIC.some((byte, i) => bytes[i] !== byte))
    fail(`${file} does not start as .npy files do`, "a NumPy array", "write it with numpy.save");
  const version = bytes[6]!;
  if (version < 1 || version > 3)
    fail(`${file} has version ${version} of the .npy format`, "1, 2 or 3", "write it with numpy.save");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > LONGEST_HEADER)
    fail(`${file} has a header of ${length} bytes`, `at most ${LONGEST_HEADER}`, "store one array of plain numbers");
  return headerStart(bytes) + length;
}

const headerStart = (bytes: Uint8Array): number => (bytes[6] === 1 ? 10 : 12);

/**
 * Reads the header.
 *
 * @param bytes at least all bytes before the numbers
 * @throws ValidationError naming parts that NumPy does not write so, and types that are no real
 * numbers
 */
export function parseNpyHeader(bytes: Uint8Array, file: string): NpyHeader {
  const end = npyHeaderLength(bytes, file);
  if (end > bytes.length) fail(`${file} ends inside its header`, "a whole NumPy array", "get the file again");
  const text = new TextDecoder(bytes[6] === 3 ? "utf-8" : "latin1").decode(bytes.subarray(headerStart(bytes), end));
  const header = pythonLiteral(text, `the header of ${file}`);
  const wrong = (what: string, expected: string, remedy = "write it with numpy.save"): never =>
    fail(`${file} is described by ${text.trim().slice(0, 200)}, ${what}`, expected, remedy);
  if (!(header instanceof Map) || [...header.keys()].sort().join() !== "descr,fortran_order,shape")
    return wrong("a header of other keys", "descr, fortran_order and shape");
  const [descr, order, sizes] = ["descr", "fortran_order", "shape"].map((key) => (header as PythonRecord).get(key));
  const [, swap, code] = /^([<>|=]?)(.*)$/s.exec(typeof descr === "string" ? descr : "")!;
  const name = codes.get(code);
  if (name === undefined)
    return wrong(
      `an array of ${typeof descr === "string" ? (otherKinds[code![0] ?? ""] ?? "an unknown type") : "records of fields"}`,
      `one array of ${[...new Set(codes.values())].join(", ")}`,
      "store plain numbers, no objects or text; of bfloat16 store array.astype(numpy.float32)",
    );
  if (typeof order !== "boolean") return wrong("an order of axes that is no truth value", "True or False");
  const shape = sizes instanceof PythonTuple ? sizes.items : undefined;
  if (shape === undefined || !shape.every(isCount)) return wrong("no shape", "a tuple of whole numbers");
  const { type, width, read } = numberType(name);
  const length = shape.reduce((product, side) => product * side, width);
  if (!Number.isSafeInteger(length)) return wrong("an array that no file holds", "less than 2^53 bytes");
  return {
    ...{ shape, type, width, length },
    // An array with one axis longer than 1 has the same order either way.
    columnMajor: order && shape.filter((side) => side > 1).length > 1,
    read(own) {
      if (swap === ">") swapBytes(own, width);
      return read(own, file);
    },
  };
}

type PythonRecord = ReadonlyMap<PythonValue, PythonValue>;

const isCount = (value: PythonValue): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/**
 * Reads an array.
 *
 * @param file the name to use in messages
 * @throws ValidationError naming the file when it is no `.npy`, is cut short or too long, or holds
 * objects, text, other types, or integers beyond 2^53
 */
export function parseNpy(bytes: Uint8Array, file: string): NpyArray {
  const { shape, length, columnMajor, read } = parseNpyHeader(bytes, file);
  const data = bytes.subarray(npyHeaderLength(bytes, file));
  if (data.length !== length) fail(`${file} has ${data.length} bytes of data`, `${length}`, "get the file again");
  const values = read(new Uint8Array(data)); // a copy, so that it is aligned
  return { shape, values: columnMajor ? inRowOrder(values, shape) : values };
}

/** The `.npy` bytes of an array: version 1.0, row-major, little-endian. */
export function formatNpy({ shape, values }: NpyArray): Uint8Array {
  const count = shape.reduce((product, side) => product * side, 1);
  if (count !== values.length)
    fail(`the array holds ${values.length} numbers`, `${count} for the shape [${shape.join(",")}]`, "check the shape");
  const name = values.constructor.name.replace("Array", "").toLowerCase();
  const code = [...codes].find(([, type]) => type === name)![0] as string;
  const descr = `${values.BYTES_PER_ELEMENT === 1 ? "|" : "<"}${code}`;
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const length = Math.ceil((10 + text.length + 1) / ALIGNMENT) * ALIGNMENT - 10;
  const data = littleEndian(values);
  const bytes = new Uint8Array(10 + length + data.length);
  bytes.set([...MAGIC, 1, 0, length & 255, length >>> 8]);
  bytes.set(new TextEncoder().encode(`${text.padEnd(length - 1)}\n`), 10);
  bytes.set(data, 10 + length);
  return bytes;
}
