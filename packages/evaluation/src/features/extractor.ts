/** The contract of networks that give features for scores of images. */
import type { PixelBatch } from "../images/image-batch.js";

/** The conditions under which scores compare; stored with every number. */
export interface FeatureProtocol {
  readonly network: string;
  /** SHA-256 of the weights. */
  readonly weights: string;
  /** The outputs of the network that are its features. */
  readonly features: string;
  readonly resize: string;
}

export interface ExtractedFeatures {
  /** `[n, dimensions]` row-major. */
  readonly features: Float32Array;
  /** `[n, classes]` row-major, if the network has classes. */
  readonly logits?: Float32Array;
}

export interface FeatureExtractor {
  readonly dimensions: number;
  /** Number of logits; absent for networks without logits. */
  readonly classes?: number;
  readonly protocol: FeatureProtocol;
  /** Maximum number of images in a call. */
  readonly batchSize: number;
  /**
   * Features of images in order. The images can differ in size.
   *
   * @throws ValidationError for pixels outside 0..255 or not finite
   */
  extract(images: readonly PixelBatch[]): Promise<ExtractedFeatures>;
  dispose(): Promise<void>;
}
