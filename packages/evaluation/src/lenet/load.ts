/** The classifier of digits from a file of weights. */
import { fileURLToPath } from "node:url";
import type { FeatureExtractor } from "../features/extractor.js";
import { readWeights } from "../weights/read-weights.js";
import { lenetExtractor, type LenetOptions } from "./extractor.js";

/** Path of the weights in this package. A program bundled into one file needs them beside it. */
export const shippedLenet = (): string => fileURLToPath(new URL("./lenet-mnist.safetensors", import.meta.url));

/**
 * The classifier with the weights in this package, or those of a file, see {@link lenetExtractor}.
 *
 * @throws ValidationError when the file does not hold the classifier's weights
 */
export async function loadLenet(path = shippedLenet(), options: LenetOptions = {}): Promise<FeatureExtractor> {
  const { tensors, sha256 } = await readWeights(path);
  return lenetExtractor(tensors, sha256, options);
}
