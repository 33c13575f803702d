/** The FID Inception network from a file of weights. */
import type { FeatureExtractor } from "../features/extractor.js";
import { readWeights } from "../weights/read-weights.js";
import { inceptionExtractor, type InceptionOptions } from "./extractor.js";

/**
 * The network with weights from a file, see {@link inceptionExtractor}.
 *
 * @throws ValidationError when the file does not hold the network's weights
 */
export async function loadInception(path: string, options: InceptionOptions = {}): Promise<FeatureExtractor> {
  const { tensors, sha256 } = await readWeights(path);
  return inceptionExtractor(tensors, sha256, options);
}
