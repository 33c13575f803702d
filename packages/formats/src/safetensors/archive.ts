/**
 * Sources in the safetensors layout, read in parts.
 *
 * The header is read at once, the numbers of an array on demand.
 *
 * Source: https://github.com/huggingface/safetensors#format
 */
import { fail } from "@ergodic/tensor";
import { piecesOf, type ArrayFile, type StoredArray } from "../arrays/array-file.js";
import { numberType } from "../arrays/number-type.js";
import { byteReader } from "../byte-reader.js";
import { bytesAt, type ByteSource } from "../byte-source.js";
import { SAFETENSORS_PREFIX, safetensorsDataStart, safetensorsEntries } from "./layout.js";
import { typesOfCodes } from "./types.js";

/**
 * Opens the arrays of a source.
 *
 * @throws ValidationError when its header is no record of tensors, or the tensors' places overlap,
 * leave bytes out, or reach beyond the source
 */
export async function safetensorsArchive(source: ByteSource): Promise<ArrayFile> {
  const { name: file, size } = source;
  const prefix = await bytesAt(source, 0, Math.min(SAFETENSORS_PREFIX, size));
  const dataStart = safetensorsDataStart(prefix, size, file);
  const entries = safetensorsEntries(await bytesAt(source, SAFETENSORS_PREFIX, dataStart), size - dataStart, file);
  const stored = (name: string): StoredArray => {
    const entry = entries.get(name);
    if (entry === undefined) fail(`${file} has no array ${name}`, `one of ${[...entries.keys()].join(", ")}`);
    const { shape, start, end } = entry;
    const known = typesOfCodes[entry.type];
    if (known === undefined)
      return fail(`${name} in ${file} is of type ${entry.type}`, `one of ${Object.keys(typesOfCodes).join(", ")}`);
    const { type, width, read } = numberType(known);
    const what = `${name} in ${file}`;
    const pieces = (rows: number) => {
      const reader = byteReader(source.chunks(dataStart + start, dataStart + end), what);
      return piecesOf(reader, { shape, width, read: (own) => read(own, what) }, rows);
    };
    return { shape, type, pieces };
  };
  return { names: [...entries.keys()], open: (name) => Promise.resolve(name).then(stored) };
}
