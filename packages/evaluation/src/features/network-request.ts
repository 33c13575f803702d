/** The metrics of images in the features of networks, and what a request for them holds. */
import type { ImageStream } from "../images/image-batch.js";
import type { ResizeProtocol } from "../images/resize.js";
import { digitMetrics, type DigitMetric } from "../lenet/score-digits.js";
import type { OnProgress } from "../progress.js";
import { imageMetrics, type ImageMetric } from "./score-images.js";
import type { StoredStatistics } from "./statistics-file.js";

/** A score in the features of a network: of Inception, or of the classifier of digits. */
export type NetworkMetric = ImageMetric | DigitMetric;

/** The metrics in the features of the classifier of digits. */
export const digitMetricNames = Object.keys(digitMetrics) as DigitMetric[];

export const networkMetrics: readonly NetworkMetric[] = [...imageMetrics, ...digitMetricNames];

/** Whether a metric compares images with others. */
export const needsReference = (metric: NetworkMetric): boolean => metric !== "is" && metric !== "is-lenet";

/** Images to compare with, or their statistics. */
export interface ImageReference {
  /** The name it was asked for by. */
  readonly given: string;
  /** Of the file, if it is one. */
  readonly sha256?: string;
  readonly images: ImageStream | StoredStatistics;
}

export interface NetworkSettings {
  readonly metrics: readonly NetworkMetric[];
  /** For Inception. */
  readonly resize: ResizeProtocol;
  /** Images in a subset of KID. */
  readonly kidSubset: number;
  /** Path to write the mean and covariance of the features to. */
  readonly saveStatistics?: string | undefined;
  /**
   * Path of a file that keeps the features of Inception, batch by batch, and is read where it has
   * them.
   */
  readonly featureFile?: string | undefined;
}

export interface NetworkRequest extends NetworkSettings {
  readonly reference?: ImageReference | undefined;
  /** Images scored at most. Default: all. */
  readonly n?: number | undefined;
  readonly seed: number;
  /** The file of the weights of Inception; asked for only where a metric needs them. */
  inceptionWeights(): Promise<string>;
  readonly onProgress?: OnProgress | undefined;
}
