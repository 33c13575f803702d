/** Weights from a file, whichever of the known layouts it has. */
import { sha256 } from "@ergodic/data";
import { fail, messageOf } from "@ergodic/tensor";
import { readSafetensors } from "./safetensors.js";
import type { StoredTensor } from "./stored-tensor.js";
import { isLegacyTorch, readLegacyTorch, readZippedTorch } from "./torch-file.js";

export interface Weights {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** SHA-256 of the file, which belongs to every number computed with it. */
  readonly sha256: string;
}

/**
 * Reads `.pth` files of either layout of `torch.save`, and safetensors; told apart by their bytes. Nothing in a file is run.
 *
 * @throws ValidationError naming the file when it cannot be read, is damaged, or holds more than plain tensors
 */
export async function readWeights(path: string): Promise<Weights> {
  const { readFile } = await import("node:fs/promises");
  const bytes = await readFile(path).catch((error: unknown) =>
    fail(`${path} cannot be read (${messageOf(error)})`, "a weights file"),
  );
  return weightsIn(bytes, path);
}

/** The same of a file's content; `file` is what messages call it. */
export async function weightsIn(bytes: Uint8Array, file: string): Promise<Weights> {
  return { tensors: await tensorsIn(bytes, file), sha256: await sha256(bytes) };
}

function tensorsIn(bytes: Uint8Array, path: string): Promise<Map<string, StoredTensor>> | Map<string, StoredTensor> {
  if (isLegacyTorch(bytes)) return readLegacyTorch(bytes, path);
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) return readZippedTorch(bytes, path);
  if (bytes[8] === 0x7b) return readSafetensors(bytes, path);
  return fail(
    `${path} starts with ${[...bytes.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ")}`,
    "a .pth file of torch.save or a safetensors file",
    "check the path",
  );
}
