/**
 * The safetensors layout: 8 bytes of header length (little-endian), a JSON header naming each tensor's type, shape and place, then
 * the raw little-endian values. Simple enough that any tool can read the weights, and nothing in the file is executed.
 *
 * Source: https://github.com/huggingface/safetensors#format
 */
import {
  SAFETENSORS_PREFIX,
  safetensorsDataStart,
  safetensorsEntries,
  ValidationError,
  type SafetensorsEntry,
} from "@ergodic/tensor";
import type { HostTensor, StoredType } from "./snapshot.js";

/** The bytes are not a whole safetensors file; the message says where they stop making sense. */
export class SafetensorsError extends Error {
  override readonly name = "SafetensorsError";
}

const codes: Readonly<Record<StoredType, string>> = { float32: "F32", int32: "I32", bool: "BOOL" };
const types: Readonly<Record<string, StoredType>> = { F32: "float32", I32: "int32", BOOL: "bool" };
const littleEndianHost = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/** Writes tensors, in the given order. Equal tensors give equal bytes. */
export function encodeSafetensors(tensors: readonly HostTensor[]): Uint8Array {
  let length = 0;
  const header = tensors.map(({ name, dtype, shape, values }) => {
    const start = length;
    length += values.byteLength;
    return [name, { dtype: codes[dtype], shape, data_offsets: [start, length] }] as const;
  });
  const text = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const padded = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + padded + length).fill(0x20, 8, 8 + padded);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.set(text, 8);
  let at = 8 + padded;
  for (const { values } of tensors) {
    bytes.set(
      littleEndian(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), values.BYTES_PER_ELEMENT),
      at,
    );
    at += values.byteLength;
  }
  return bytes;
}

/** Reads what `encodeSafetensors` wrote, bit for bit. @throws SafetensorsError when the bytes are not a whole file. */
export function decodeSafetensors(bytes: Uint8Array): HostTensor[] {
  const { entries, body } = layoutOf(bytes);
  return entries.map(({ name, type, shape, start, end }) => {
    const dtype = types[type];
    if (dtype === undefined) throw new SafetensorsError(`tensor ${name} has type ${type}; known: F32, I32, BOOL`);
    const own = littleEndian(Uint8Array.from(body.subarray(start, end)), dtype === "bool" ? 1 : 4);
    const values =
      dtype === "bool" ? own : dtype === "int32" ? new Int32Array(own.buffer) : new Float32Array(own.buffer);
    return { name, dtype, shape, values };
  });
}

function layoutOf(bytes: Uint8Array): { entries: readonly SafetensorsEntry[]; body: Uint8Array } {
  try {
    const start = safetensorsDataStart(bytes, bytes.length, "the file");
    const body = bytes.subarray(start);
    const header = bytes.subarray(SAFETENSORS_PREFIX, start);
    return { entries: [...safetensorsEntries(header, body.length, "the file").values()], body };
  } catch (error) {
    throw error instanceof ValidationError ? new SafetensorsError(error.message, { cause: error }) : error;
  }
}

/** Host order to little-endian order and back; the same bytes on nearly every machine. */
function littleEndian(bytes: Uint8Array, elementBytes: number): Uint8Array {
  if (littleEndianHost || elementBytes === 1) return bytes;
  const swapped = bytes.slice();
  for (let at = 0; at < swapped.length; at += elementBytes) swapped.subarray(at, at + elementBytes).reverse();
  return swapped;
}
