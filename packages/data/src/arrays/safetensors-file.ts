/**
 * Files in the safetensors layout, read as they are needed: the header at once, a tensor's numbers as they are asked for.
 *
 * Source: https://github.com/huggingface/safetensors#format
 */
import { fail, SAFETENSORS_PREFIX, safetensorsDataStart, safetensorsEntries } from "@ergodic/tensor";
import { piecesOf, type ArrayFile, type StoredArray } from "./array-file.js";
import { byteReader, bytesAt, fileBytes, sizeOf } from "./byte-reader.js";
import { numberType, type NumberTypeName } from "./number-type.js";

const types: Readonly<Record<string, NumberTypeName>> = {
  ...{ BOOL: "bool", U8: "uint8", I8: "int8", U16: "uint16", I16: "int16", U32: "uint32", I32: "int32" },
  ...{ U64: "uint64", I64: "int64", F16: "float16", BF16: "bfloat16", F32: "float32", F64: "float64" },
};

/**
 * Opens the tensors of a file.
 *
 * @throws ValidationError when there is no such file, its header is no record of tensors, or the places of its tensors overlap, leave
 * bytes out or reach beyond the file
 */
export async function openSafetensors(path: string): Promise<ArrayFile> {
  const size = await sizeOf(path, "a safetensors file");
  const dataStart = safetensorsDataStart(await bytesAt(path, 0, Math.min(SAFETENSORS_PREFIX, size)), size, path);
  const entries = safetensorsEntries(await bytesAt(path, SAFETENSORS_PREFIX, dataStart), size - dataStart, path);
  const stored = (name: string): StoredArray => {
    const entry = entries.get(name);
    if (entry === undefined) fail(`${path} has no array ${name}`, `one of ${[...entries.keys()].join(", ")}`);
    const { shape, start, end } = entry;
    const known = types[entry.type];
    if (known === undefined)
      return fail(`${name} in ${path} is of type ${entry.type}`, `one of ${Object.keys(types).join(", ")}`);
    const { type, width, read } = numberType(known);
    const what = `${name} in ${path}`;
    const pieces = (rows: number) => {
      const reader = byteReader(fileBytes(path, dataStart + start, dataStart + end), what);
      return piecesOf(reader, { shape, width, read: (own) => read(own, what) }, rows);
    };
    return { shape, type, pieces };
  };
  return { names: [...entries.keys()], open: (name) => Promise.resolve(name).then(stored) };
}
