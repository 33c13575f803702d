/**
 * Weights in the safetensors layout.
 *
 * Source: https://github.com/huggingface/safetensors#format
 */
import { numberType, type NumberTypeName } from "@ergodic/data";
import { SAFETENSORS_PREFIX, safetensorsDataStart, safetensorsEntries } from "@ergodic/tensor";
import { rowMajor, type StoredTensor } from "./stored-tensor.js";

const types: Readonly<Record<string, NumberTypeName>> = {
  ...{ F16: "float16", BF16: "bfloat16", F32: "float32", F64: "float64" },
};

/**
 * The tensors of floats; others (counters of batches) are left out.
 *
 * @throws ValidationError when the header is no record of tensors, or their places overlap, leave bytes out or reach beyond the file
 */
export function readSafetensors(bytes: Uint8Array, file: string): Map<string, StoredTensor> {
  const dataStart = safetensorsDataStart(bytes, bytes.length, file);
  const numbers = bytes.subarray(dataStart);
  const header = bytes.subarray(SAFETENSORS_PREFIX, dataStart);
  const tensors = new Map<string, StoredTensor>();
  for (const { name, type, shape, start, end } of safetensorsEntries(header, numbers.length, file).values()) {
    const known = types[type];
    if (known === undefined) continue;
    const values = numberType(known).read(new Uint8Array(numbers.subarray(start, end)), `${name} in ${file}`);
    tensors.set(name, { shape, strides: rowMajor(shape), offset: 0, values });
  }
  return tensors;
}
