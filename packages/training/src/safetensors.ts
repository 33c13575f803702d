/**
 * The safetensors layout: 8 bytes of header length (little-endian), a JSON header naming each tensor's type, shape and place, then
 * the raw little-endian values. Simple enough that any tool can read the weights, and nothing in the file is executed.
 *
 * Source: https://github.com/huggingface/safetensors#format
 */
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
  if (bytes.length < 8) throw new SafetensorsError(`the file has ${bytes.length} bytes, too few for a header`);
  const headerLength = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (headerLength > bytes.length - 8) {
    throw new SafetensorsError(`the header should have ${headerLength} bytes, the file has ${bytes.length - 8} left`);
  }
  const body = bytes.subarray(8 + headerLength);
  let end = 0;
  const tensors = Object.entries(parseHeader(bytes.subarray(8, 8 + headerLength))).flatMap(([name, entry]) => {
    if (name === "__metadata__") return [];
    const tensor = readTensor(name, entry, body);
    end = Math.max(end, tensor.end);
    return [tensor.host];
  });
  if (end !== body.length)
    throw new SafetensorsError(`the values should have ${end} bytes, the file has ${body.length}`);
  return tensors;
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (typeof header === "object" && header !== null && !Array.isArray(header))
      return header as Record<string, unknown>;
  } catch {
    // Told below, as for a header that is JSON but no record.
  }
  throw new SafetensorsError("the header is not a JSON record");
}

function readTensor(name: string, entry: unknown, body: Uint8Array): { host: HostTensor; end: number } {
  const { dtype: code, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  const dtype = typeof code === "string" ? types[code] : undefined;
  if (dtype === undefined) throw new SafetensorsError(`tensor ${name} has type ${String(code)}; known: F32, I32, BOOL`);
  if (!isCounts(shape) || !isCounts(offsets) || offsets.length !== 2) {
    throw new SafetensorsError(`the header entry of tensor ${name} is not { dtype, shape, data_offsets }`);
  }
  const [start = 0, end = 0] = offsets;
  const elementBytes = dtype === "bool" ? 1 : 4;
  const expected = shape.reduce((a, b) => a * b, 1) * elementBytes;
  if (end - start !== expected) {
    throw new SafetensorsError(
      `tensor ${name} [${shape.join(", ")}] needs ${expected} bytes, its place has ${end - start}`,
    );
  }
  if (end > body.length) {
    throw new SafetensorsError(`tensor ${name} ends at byte ${end} of the values, the file has ${body.length}`);
  }
  const own = littleEndian(Uint8Array.from(body.subarray(start, end)), elementBytes);
  const values = dtype === "bool" ? own : dtype === "int32" ? new Int32Array(own.buffer) : new Float32Array(own.buffer);
  return { host: { name, dtype, shape, values }, end };
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && (item as number) >= 0);
}

/** Host order to little-endian order and back; the same bytes on nearly every machine. */
function littleEndian(bytes: Uint8Array, elementBytes: number): Uint8Array {
  if (littleEndianHost || elementBytes === 1) return bytes;
  const swapped = bytes.slice();
  for (let at = 0; at < swapped.length; at += elementBytes) swapped.subarray(at, at + elementBytes).reverse();
  return swapped;
}
