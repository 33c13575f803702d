/**
 * Scores in the classifier's features, for digits. They do not compare with scores in other
 * features.
 */
import { fail } from "@ergodic/tensor";
import type { CollectedFeatures } from "../features/collect.js";
import {
  scoreImages,
  type ImageMetric,
  type ImageScores,
  type Reference,
  type ScoreOptions,
} from "../features/score-images.js";
import type { StoredStatistics } from "../features/statistics-file.js";
import { lenetName } from "./network.js";

/** Each score of digits, and its name for features of Inception. */
export const digitMetrics = {
  "fd-lenet": "fid",
  "is-lenet": "is",
  "kid-lenet": "kid",
  "prdc-lenet": "prdc",
} as const satisfies Readonly<Record<string, ImageMetric>>;

export type DigitMetric = keyof typeof digitMetrics;

/** Name of a metric in the classifier's features. */
export const nameAmongDigits = (metric: ImageMetric): string =>
  Object.entries(digitMetrics).find(([, other]) => other === metric)?.[0] ?? metric;

export interface DigitScores extends Pick<ImageScores, "protocol" | "warnings"> {
  /** "FD-LeNet": squared Fréchet distance of Gaussians fitted to the features. */
  readonly fdLenet?: number;
  /** `exp(mean KL(p(y|x) | p(y)))` with the classifier's ten probabilities, from 1 to 10. */
  readonly isLenet?: ImageScores["inceptionScore"];
  readonly kidLenet?: ImageScores["kid"];
  readonly prdcLenet?: ImageScores["prdc"];
}

/**
 * Scores as {@link scoreImages}, of features of the classifier of digits, under names of their own.
 *
 * @throws ValidationError for features of another network, when a metric needs an output that was
 *   not kept, or for sets of different networks
 */
export function scoreDigits(
  generated: CollectedFeatures,
  reference: Reference | StoredStatistics | undefined,
  { metrics, ...options }: Omit<ScoreOptions, "metrics" | "nameOf"> & { readonly metrics: readonly DigitMetric[] },
): DigitScores {
  const { network } = generated.protocol;
  if (network !== lenetName) fail(`the features are of ${network}`, lenetName, "scoreImages takes those of others");
  const { fid, inceptionScore, kid, prdc, protocol, warnings } = scoreImages(generated, reference, {
    ...options,
    metrics: metrics.map((metric) => digitMetrics[metric]),
    nameOf: nameAmongDigits,
  });
  return {
    ...(fid !== undefined && { fdLenet: fid }),
    ...(inceptionScore && { isLenet: inceptionScore }),
    ...(kid && { kidLenet: kid }),
    ...(prdc && { prdcLenet: prdc }),
    protocol,
    warnings,
  };
}
