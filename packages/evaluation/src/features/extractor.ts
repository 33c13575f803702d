/** What scores of images need from a network, whichever it is. */
import type { PixelBatch } from "../images/image-batch.js";

/** What makes a score comparable with another; stored with every number. */
export interface FeatureProtocol {
  readonly network: string;
  /** SHA-256 of the weights. */
  readonly weights: string;
  /** Which of the network's outputs the features are. */
  readonly features: string;
  readonly resize: string;
}

export interface ExtractedFeatures {
  /** `[n, dimensions]` row-major. */
  readonly features: Float32Array;
  /** `[n, classes]` row-major, where the network has classes. */
  readonly logits?: Float32Array;
}

export interface FeatureExtractor {
  readonly dimensions: number;
  /** Number of logits; absent for networks without. */
  readonly classes?: number;
  readonly protocol: FeatureProtocol;
  /** The most images one call takes. */
  readonly batchSize: number;
  /**
   * Features of images that may differ in size, in order.
   *
   * @throws ValidationError for pixels outside 0..255 or not finite
   */
  extract(images: readonly PixelBatch[]): Promise<ExtractedFeatures>;
  dispose(): Promise<void>;
}
