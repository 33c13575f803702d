/**
 * Weights in the safetensors layout: the length of a JSON header, the header, then row-major little-endian numbers.
 *
 * Source: https://github.com/huggingface/safetensors#format
 */
import { safetensorsEntries } from "@ergodic/data";
import { fail } from "@ergodic/tensor";
import { rowMajor, type StoredTensor } from "./stored-tensor.js";

const readers: Readonly<Record<string, (own: ArrayBuffer) => Float32Array | Float64Array>> = {
  F32: (own) => new Float32Array(own),
  F64: (own) => new Float64Array(own),
};

/**
 * The tensors of float32 and float64; others (counters of batches) are left out.
 *
 * @throws ValidationError when the header is no JSON record or a tensor lies outside the file
 */
export function readSafetensors(bytes: Uint8Array, file: string): Map<string, StoredTensor> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.length < 8 ? Infinity : Number(view.getBigUint64(0, true));
  if (8 + length > bytes.length) fail(`${file} is shorter than its header says`, "a safetensors file", "get it again");
  const tensors = new Map<string, StoredTensor>();
  for (const [name, { dtype, shape, data_offsets: place }] of safetensorsEntries(bytes.subarray(8, 8 + length), file)) {
    const read = readers[dtype];
    if (read === undefined) continue;
    const [start, end] = place;
    const size = shape.reduce((product, side) => product * side, dtype === "F64" ? 8 : 4);
    if (end - start !== size || 8 + length + end > bytes.length)
      fail(`${name} in ${file} has ${end - start} bytes, or lies outside the file`, `${size} bytes inside it`);
    const own = new Uint8Array(bytes.subarray(8 + length + start, 8 + length + end));
    tensors.set(name, { shape, strides: rowMajor(shape), offset: 0, values: read(own.buffer) });
  }
  return tensors;
}
