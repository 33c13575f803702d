/** What can be asked of images in the features of a network. */
import {
  digitMetrics,
  imageMetrics,
  type DigitMetric,
  type ImageMetric,
  type ResizeProtocol,
} from "@ergodic/evaluation";
import type { ImageReference } from "./image-set.js";

/** A score in the features of a network: of Inception, or of the classifier of digits. */
export type NetworkMetric = ImageMetric | DigitMetric;

export const namesAmongDigits = Object.keys(digitMetrics) as DigitMetric[];

export const networkMetrics: readonly NetworkMetric[] = [...imageMetrics, ...namesAmongDigits];

/** Whether a metric compares images with others. */
export const needsReference = (metric: NetworkMetric): boolean => metric !== "is" && metric !== "is-lenet";

export interface NetworkSettings {
  readonly metrics: readonly NetworkMetric[];
  /** Of Inception: a file; default the published one in the user's cache. */
  readonly weights?: string | undefined;
  /** For Inception. */
  readonly resize: ResizeProtocol;
  /** Images in a subset of KID. */
  readonly kidSubset: number;
  /** Where mean and covariance of the scored images' features go. */
  readonly saveStatistics?: string | undefined;
  /** Where the features of Inception are kept, batch by batch, and looked up. */
  readonly featureFile?: string | undefined;
}

export interface NetworkRequest extends NetworkSettings {
  readonly reference?: ImageReference | undefined;
  /** Images scored, at most; default all. */
  readonly n?: number | undefined;
  readonly seed: number;
  readonly onStage: (text: string) => void;
}
