/**
 * Files in the safetensors layout, read as they are needed: the length of a JSON header, the header, then row-major little-endian numbers.
 *
 * Source: https://github.com/huggingface/safetensors#format
 */
import { fail } from "@ergodic/tensor";
import type { NpyValues } from "../npz/npy.js";
import { piecesOf, type ArrayFile, type StoredArray } from "./array-file.js";
import { byteReader, bytesAt, fileBytes, sizeOf } from "./byte-reader.js";

interface NumberType {
  readonly type: string;
  readonly width: number;
  read(own: Uint8Array<ArrayBuffer>): NpyValues;
}

const types: Readonly<Record<string, NumberType>> = {
  U8: { type: "uint8", width: 1, read: (own) => own },
  F32: { type: "float32", width: 4, read: ({ buffer }) => new Float32Array(buffer) },
  F64: { type: "float64", width: 8, read: ({ buffer }) => new Float64Array(buffer) },
};

/** One tensor as the header has it; its bytes are counted from the end of the header. */
export interface SafetensorsEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [start: number, end: number];
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isEntry = (value: unknown): value is SafetensorsEntry => {
  const { dtype, shape, data_offsets: place } = (value ?? {}) as Partial<SafetensorsEntry>;
  return (
    typeof dtype === "string" &&
    Array.isArray(shape) &&
    shape.every(isCount) &&
    Array.isArray(place) &&
    place.length === 2 &&
    place.every(isCount)
  );
};

/**
 * Opens the tensors of a file; bytes, float32 and float64 can be read.
 *
 * @throws ValidationError when there is no such file, its header is no record of tensors, or a tensor lies outside the file
 */
export async function openSafetensors(path: string): Promise<ArrayFile> {
  const size = await sizeOf(path, "a safetensors file");
  const wrong = (what: string): never =>
    fail(`${path} ${what}`, "a safetensors file", "check the path, or get it again");
  if (size < 8) wrong(`has ${size} bytes`);
  const length = Number(new DataView((await bytesAt(path, 0, 8)).buffer).getBigUint64(0, true));
  if (8 + length > size) wrong("is shorter than its header says");
  const entries = safetensorsEntries(await bytesAt(path, 8, 8 + length), path);
  const stored = (name: string): StoredArray => {
    const entry = entries.get(name);
    if (entry === undefined) fail(`${path} has no array ${name}`, `one of ${[...entries.keys()].join(", ")}`);
    const { dtype, shape, data_offsets: place } = entry;
    const type =
      types[dtype] ?? fail(`${name} in ${path} is of type ${dtype}`, `one of ${Object.keys(types).join(", ")}`);
    const [start, end] = [8 + length + place[0], 8 + length + place[1]];
    const needed = shape.reduce((product, side) => product * side, type.width);
    if (end - start !== needed || end > size)
      fail(`${name} in ${path} has ${end - start} bytes, or lies outside the file`, `${needed} bytes inside it`);
    const pieces = (rows: number) => {
      const reader = byteReader(fileBytes(path, start, end), `${name} in ${path}`);
      return piecesOf(reader, { ...type, shape }, rows);
    };
    return { shape, type: type.type, pieces };
  };
  return { names: [...entries.keys()], open: (name) => Promise.resolve(name).then(stored) };
}

/** The tensors a header names. @throws ValidationError for what is no JSON record of tensors */
export function safetensorsEntries(header: Uint8Array, file: string): ReadonlyMap<string, SafetensorsEntry> {
  const entries = Object.entries(jsonIn(header) ?? { "": undefined }).filter(([name]) => name !== "__metadata__");
  if (entries.every((entry): entry is [string, SafetensorsEntry] => isEntry(entry[1]))) return new Map(entries);
  return fail(`the header of ${file} is no record of tensors`, "a safetensors file", "check the path, or get it again");
}

function jsonIn(bytes: Uint8Array): object | undefined {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return typeof parsed === "object" && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}
