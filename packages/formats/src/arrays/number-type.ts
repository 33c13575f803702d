/** Types of numbers in files, little-endian, and their conversion to typed arrays. */
import { fail } from "@ergodic/tensor";
import { swapOnBigEndian } from "./byte-order.js";
import { bfloat16Values, float16Values } from "./half-floats.js";

export type NumberValues =
  Float32Array | Float64Array | Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array;

export interface NumberType {
  /** "float32", "uint8" and so on. */
  readonly type: string;
  /** Bytes of one number. */
  readonly width: number;
  /**
   * Converts bytes to numbers. The numbers own the bytes.
   *
   * @param what the source of the numbers, for messages
   * @throws ValidationError for a 64-bit integer that float64 does not hold exactly
   */
  read(own: Uint8Array<ArrayBuffer>, what: string): NumberValues;
}

const readers = {
  bool: [1, (own) => own],
  uint8: [1, (own) => own],
  int8: [1, ({ buffer }) => new Int8Array(buffer)],
  uint16: [2, ({ buffer }) => new Uint16Array(buffer)],
  int16: [2, ({ buffer }) => new Int16Array(buffer)],
  uint32: [4, ({ buffer }) => new Uint32Array(buffer)],
  int32: [4, ({ buffer }) => new Int32Array(buffer)],
  uint64: [8, ({ buffer }, what) => exactNumbers(new BigUint64Array(buffer), what)],
  int64: [8, ({ buffer }, what) => exactNumbers(new BigInt64Array(buffer), what)],
  float16: [2, ({ buffer }) => float16Values(new Uint16Array(buffer))],
  bfloat16: [2, ({ buffer }) => bfloat16Values(new Uint16Array(buffer))],
  float32: [4, ({ buffer }) => new Float32Array(buffer)],
  float64: [8, ({ buffer }) => new Float64Array(buffer)],
} satisfies Readonly<Record<string, readonly [width: number, read: NumberType["read"]]>>;

export type NumberTypeName = keyof typeof readers;

export function numberType(type: NumberTypeName): NumberType {
  const [width, read] = readers[type];
  return { type, width, read: (own, what) => read(swapOnBigEndian(own, width), what) };
}

function exactNumbers(values: BigInt64Array | BigUint64Array, what: string): Float64Array {
  return Float64Array.from({ length: values.length }, (_, i) => {
    const value = Number(values[i]);
    return Number.isSafeInteger(value)
      ? value
      : fail(`${what} holds ${values[i]} at place ${i}`, "integers between -2^53 and 2^53", "store float64 or int32");
  });
}
