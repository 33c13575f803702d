/**
 * Scores of images in the features of Inception and of the classifier of digits, with their
 * protocols.
 */
import { fail } from "@ergodic/tensor";
import type { ImageStream } from "../images/image-batch.js";
import { loadInception } from "../inception/load.js";
import { inceptionFile } from "../inception/published-file.js";
import { loadLenet } from "../lenet/load.js";
import {
  digitMetrics,
  nameAmongDigits,
  scoreDigits,
  type DigitMetric,
  type DigitScores,
} from "../lenet/score-digits.js";
import { lenetFile } from "../lenet/shipped.js";
import { withFeatureFile } from "./feature-file.js";
import { digitMetricNames, type NetworkRequest } from "./network-request.js";
import { scoreFeatures, type Origin } from "./score-features.js";
import { imageMetrics, scoreImages, type ImageMetric, type ImageScores } from "./score-images.js";

/** Scores by name of metric, in camel case. */
export interface InceptionScores extends Origin {
  readonly fid?: { readonly value: number };
  readonly fidInfinity?: ImageScores["fidInfinity"];
  readonly is?: ImageScores["inceptionScore"];
  readonly kid?: ImageScores["kid"];
  readonly prdc?: ImageScores["prdc"];
}

export interface LenetScores extends Origin, Omit<DigitScores, "fdLenet" | "protocol" | "warnings"> {
  readonly fdLenet?: { readonly value: number };
}

/** Scores in the features of the classifier of digits have names of their own. */
export interface NetworkScores extends Partial<InceptionScores> {
  readonly lenet?: LenetScores;
}

/**
 * Scores of images, with their origin.
 *
 * @throws ValidationError before any feature is computed, when a score cannot be computed
 */
export async function networkScores(images: ImageStream, request: NetworkRequest): Promise<NetworkScores> {
  const inception = imageMetrics.filter((metric) => request.metrics.includes(metric));
  const digits = digitMetricNames.filter((metric) => request.metrics.includes(metric));
  if (inception.length > 0 && digits.length > 0 && request.saveStatistics !== undefined)
    fail(
      "saveStatistics is asked for metrics of two networks",
      "the features of one network",
      "ask for metrics of one",
    );
  const byInception = inception.length > 0 || digits.length === 0;
  const ofInception = byInception ? await inceptionScores(images, inception, request) : undefined;
  const lenet = digits.length > 0 ? await lenetScores(images, digits, request) : undefined;
  return { ...ofInception, ...(lenet && { lenet }) };
}

async function inceptionScores(
  images: ImageStream,
  metrics: readonly ImageMetric[],
  request: NetworkRequest,
): Promise<InceptionScores | undefined> {
  const path = await request.inceptionWeights();
  request.onProgress?.({ what: "reading the weights of the network" });
  const network = await loadInception(path, { resize: request.resize });
  const scored = await scoreFeatures(images, request, {
    extractor: request.featureFile === undefined ? network : await withFeatureFile(network, request.featureFile),
    metrics,
    score: (ours, theirs, options) => scoreImages(ours, theirs, { ...options, metrics }),
  });
  if (scored === undefined) return undefined;
  const { scores, origin } = scored;
  const { fid, fidInfinity, inceptionScore, kid, prdc } = scores;
  const unofficial = "the weights are not the published file: compare with no paper's FID";
  return {
    ...(fid !== undefined && { fid: { value: fid } }),
    ...(fidInfinity && { fidInfinity }),
    ...(inceptionScore && { is: inceptionScore }),
    ...(kid && { kid }),
    ...(prdc && { prdc }),
    ...origin,
    warnings: [...unlessPublished(scores, inceptionFile.sha256, unofficial), ...scores.warnings],
  };
}

async function lenetScores(
  images: ImageStream,
  metrics: readonly DigitMetric[],
  request: NetworkRequest,
): Promise<LenetScores | undefined> {
  const scored = await scoreFeatures(images, request, {
    extractor: await loadLenet(),
    metrics: metrics.map((metric) => digitMetrics[metric]),
    nameOf: nameAmongDigits,
    score: (ours, theirs, options) => scoreDigits(ours, theirs, { ...options, metrics }),
  });
  if (scored === undefined) return undefined;
  const { scores, origin } = scored;
  const { fdLenet, isLenet, kidLenet, prdcLenet } = scores;
  const altered = "the weights are not those that were published with this program: compare with no other FD-LeNet";
  return {
    ...(fdLenet !== undefined && { fdLenet: { value: fdLenet } }),
    ...(isLenet && { isLenet }),
    ...(kidLenet && { kidLenet }),
    ...(prdcLenet && { prdcLenet }),
    ...origin,
    warnings: [...unlessPublished(scores, lenetFile.sha256, altered), ...scores.warnings],
  };
}

const unlessPublished = ({ protocol }: Pick<ImageScores, "protocol">, sha256: string, message: string) =>
  protocol.generated.weights === sha256 ? [] : [{ kind: "unofficial-weights", message }];
