/** Metrics of images in the features of networks, and requests for them. */
import type { ImageStream } from "../images/image-batch.js";
import type { ResizeProtocol } from "../images/resize.js";
import { digitMetrics, type DigitMetric } from "../lenet/score-digits.js";
import type { Pieces } from "../pieces.js";
import type { OnProgress } from "../progress.js";
import { imageMetrics, type ImageMetric } from "./score-images.js";
import type { StoredStatistics } from "./statistics-file.js";

/** A score in the features of Inception or of the classifier of digits. */
export type NetworkMetric = ImageMetric | DigitMetric;

/** The metrics in the features of the classifier of digits. */
export const digitMetricNames = Object.keys(digitMetrics) as DigitMetric[];

export const networkMetrics: readonly NetworkMetric[] = [...imageMetrics, ...digitMetricNames];

/** Whether a metric compares images with others. */
export const needsReference = (metric: NetworkMetric): boolean => metric !== "is" && metric !== "is-lenet";

/** Reference images, or their statistics. */
export interface ImageReference {
  /** The name in the request. */
  readonly given: string;
  /** SHA-256 of the file, if the reference is one. */
  readonly sha256?: string;
  readonly images: ImageStream | StoredStatistics;
}

export interface NetworkSettings {
  readonly metrics: readonly NetworkMetric[];
  /** Resizing for Inception. */
  readonly resize: ResizeProtocol;
  /** Images in a subset of KID. */
  readonly kidSubset: number;
  /** Path for the mean and covariance of the features. */
  readonly saveStatistics?: string | undefined;
  /** Path of a file with features of Inception, which is read and extended batch by batch. */
  readonly featureFile?: string | undefined;
}

export interface NetworkRequest extends NetworkSettings {
  readonly reference?: ImageReference | undefined;
  /** Maximum number of images scored. Default: all. */
  readonly n?: number | undefined;
  readonly seed: number;
  /** The weights file of Inception; called only if a metric needs it. */
  inceptionWeights(): Promise<string>;
  readonly onProgress?: OnProgress | undefined;
  /** Default: this process computes all features. No scores if they are only a share. */
  readonly pieces?: Pieces | undefined;
}
