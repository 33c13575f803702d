/** Weights from a file. */
import { wholeFile } from "@ergodic/formats/node";
import { weightsIn, type NetworkWeights } from "./weights-in.js";

/**
 * Reads a file as {@link weightsIn} reads its content.
 *
 * @throws ValidationError naming the file when it cannot be read, is damaged, or holds more than
 *   plain tensors
 */
export async function readWeights(path: string): Promise<NetworkWeights> {
  return weightsIn(await wholeFile(path, "a weights file"), path);
}
