/** Weights from the content of a file, in any of the known layouts. */
import { packedArrays, rowStrides, sha256, type PackedArray } from "@ergodic/formats";
import { fail } from "@ergodic/tensor";
import type { StoredTensor } from "./stored-tensor.js";
import { isLegacyTorch, readLegacyTorch, readZippedTorch } from "./torch-file.js";

export interface NetworkWeights {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** SHA-256 of the file, part of the protocol of every number computed with it. */
  readonly sha256: string;
}

/**
 * Reads the content of a weights file: `.pth` of either layout of `torch.save`, or safetensors.
 *
 * The bytes tell which layout it is. Nothing in the file is run.
 *
 * @param file the file's name in messages
 * @throws ValidationError when the file is damaged, or holds more than plain tensors
 */
export async function weightsIn(bytes: Uint8Array, file: string): Promise<NetworkWeights> {
  return { tensors: await tensorsIn(bytes, file), sha256: await sha256(bytes) };
}

function tensorsIn(bytes: Uint8Array, path: string): Promise<Map<string, StoredTensor>> | Map<string, StoredTensor> {
  if (isLegacyTorch(bytes)) return readLegacyTorch(bytes, path);
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) return readZippedTorch(bytes, path);
  if (bytes[8] === 0x7b) return floatsOf(packedArrays(bytes, path));
  return fail(
    `${path} starts with ${[...bytes.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ")}`,
    "a .pth file of torch.save or a safetensors file",
    "check the path",
  );
}

const floats: readonly (string | undefined)[] = ["float16", "bfloat16", "float32", "float64"];

/** The arrays of floats. Others, such as counters of batches, are not weights. */
export function floatsOf(arrays: readonly PackedArray[]): Map<string, StoredTensor> {
  return new Map(
    arrays
      .filter(({ dtype }) => floats.includes(dtype))
      .map(({ name, shape, read }) => [name, { shape, strides: rowStrides(shape), offset: 0, values: read() }]),
  );
}
