/**
 * Whole safetensors files in memory: bytes from arrays, and arrays from bytes.
 *
 * Nothing in a file is executed.
 *
 * Source: https://github.com/huggingface/safetensors#format
 */
import { fail } from "@ergodic/tensor";
import { littleEndian } from "../arrays/byte-order.js";
import { numberType, type NumberTypeName, type NumberValues } from "../arrays/number-type.js";
import { SAFETENSORS_PREFIX, safetensorsDataStart, safetensorsEntries } from "./layout.js";
import { storableTypes, typesOfCodes, type StorableType } from "./types.js";

/** A named array on the host: row-major, booleans as bytes 0 and 1. */
export interface HostArray {
  readonly name: string;
  readonly dtype: NumberTypeName;
  readonly shape: readonly number[];
  /** Floats of 16 bits become float32, integers of 64 bits become float64. */
  readonly values: NumberValues;
}

/**
 * Encodes arrays in the given order. Equal arrays give equal bytes.
 *
 * @throws ValidationError when an array's numbers do not fit its type or shape, two arrays have one
 * name, or a type is none of bool, 8 to 32-bit integers, float32 and float64
 */
export function encodeSafetensors(arrays: readonly HostArray[]): Uint8Array {
  let length = 0;
  const header = new Map<string, unknown>();
  for (const { name, dtype, shape, values } of arrays) {
    const code = codeOf(name, dtype, values);
    const count = shape.reduce((product, side) => product * side, 1);
    if (values.length !== count)
      fail(`${name} holds ${values.length} numbers`, `${count} for the shape [${shape.join(",")}]`, "check the shape");
    if (header.has(name)) fail(`two arrays are called ${name}`, "a name for each", "rename one of them");
    header.set(name, { dtype: code, shape, data_offsets: [length, length + values.byteLength] });
    length += values.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const start = SAFETENSORS_PREFIX + Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(start + length).fill(0x20, SAFETENSORS_PREFIX, start);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - SAFETENSORS_PREFIX), true);
  bytes.set(text, SAFETENSORS_PREFIX);
  let at = start;
  for (const { values } of arrays) {
    bytes.set(littleEndian(values), at);
    at += values.byteLength;
  }
  return bytes;
}

/** An array within the bytes of a file. */
export interface PackedArray {
  readonly name: string;
  /** The type in the header, for example "F32". */
  readonly code: string;
  /** The type of the numbers; undefined for types that are not read. */
  readonly dtype: NumberTypeName | undefined;
  readonly shape: readonly number[];
  /**
   * Reads the numbers.
   *
   * @throws ValidationError for a type that is not read, or an integer beyond 2^53
   */
  read(): NumberValues;
}

/**
 * The arrays within the bytes of a file. Each is read on demand.
 *
 * @param file the name to use in messages
 * @throws ValidationError when the header is no record of tensors, or the tensors' places overlap,
 * leave bytes out, or reach beyond the file
 */
export function packedArrays(bytes: Uint8Array, file: string): PackedArray[] {
  const dataStart = safetensorsDataStart(bytes, bytes.length, file);
  const numbers = bytes.subarray(dataStart);
  const header = bytes.subarray(SAFETENSORS_PREFIX, dataStart);
  return [...safetensorsEntries(header, numbers.length, file).values()].map(
    ({ name, type: code, shape, start, end }) => {
      const dtype = typesOfCodes[code];
      const read = (): NumberValues => {
        if (dtype === undefined)
          return fail(`${name} in ${file} is of type ${code}`, `one of ${Object.keys(typesOfCodes).join(", ")}`);
        return numberType(dtype).read(new Uint8Array(numbers.subarray(start, end)), `${name} in ${file}`);
      };
      return { name, code, dtype, shape, read };
    },
  );
}

/**
 * Decodes all arrays of a file.
 *
 * Arrays that {@link encodeSafetensors} wrote come back bit for bit.
 *
 * @param file the name to use in messages
 * @throws ValidationError as {@link packedArrays}, and for numbers of a type that is not read
 */
export function decodeSafetensors(bytes: Uint8Array, file = "the file"): HostArray[] {
  return packedArrays(bytes, file).map(({ name, dtype, shape, read }) => ({
    name,
    shape,
    values: read(),
    dtype: dtype!,
  }));
}

function codeOf(name: string, dtype: NumberTypeName, values: NumberValues): string {
  if (!(dtype in storableTypes))
    return fail(`${name} is ${dtype}`, `one of ${Object.keys(storableTypes).join(", ")}`, "convert it first");
  const [code, array] = storableTypes[dtype as StorableType];
  if (!(values instanceof array))
    fail(`${name} is ${dtype} in a ${values.constructor.name}`, `a ${array.name}`, "convert its values");
  return code;
}
