/** Scores of images in the features of networks, FID and its kin and those of digits, with all it takes to repeat them. */
import {
  digitMetrics,
  imageMetrics,
  inceptionFile,
  lenetFile,
  loadInception,
  loadLenet,
  nameAmongDigits,
  scoreDigits,
  scoreImages,
  withFeatureFile,
  type DigitMetric,
  type DigitScores,
  type ImageMetric,
  type ImageScores,
  type ImageStream,
} from "@ergodic/evaluation";
import { usageError } from "../errors.js";
import { namesAmongDigits, type NetworkRequest } from "./network-request.js";
import { scoreFeatures, type Origin } from "./score-features.js";
import { weightsToUse } from "./weights.js";

/** By name of metric, `-` left out; JSON holds them as they are. */
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

/** Those of digits stand apart, under names of their own. */
export interface NetworkScores extends Partial<InceptionScores> {
  readonly lenet?: LenetScores;
}

/** @throws before any feature is computed, for what no score can be made of */
export async function networkScores(images: ImageStream, request: NetworkRequest): Promise<NetworkScores> {
  const inception = imageMetrics.filter((metric) => request.metrics.includes(metric));
  const digits = namesAmongDigits.filter((metric) => request.metrics.includes(metric));
  if (inception.length > 0 && digits.length > 0 && request.saveStatistics !== undefined)
    throw usageError("--save-statistics takes the features of one network; ask for metrics of one.");
  return {
    ...(inception.length > 0 || digits.length === 0 ? await inceptionScores(images, inception, request) : {}),
    ...(digits.length > 0 ? { lenet: await lenetScores(images, digits, request) } : {}),
  };
}

async function inceptionScores(
  images: ImageStream,
  metrics: readonly ImageMetric[],
  request: NetworkRequest,
): Promise<InceptionScores> {
  const path = await weightsToUse(request.weights);
  request.onStage("reading the weights of the network");
  const network = await loadInception(path, { resize: request.resize });
  const { scores, origin } = await scoreFeatures(images, request, {
    extractor: request.featureFile === undefined ? network : await withFeatureFile(network, request.featureFile),
    metrics,
    score: (ours, theirs, options) => scoreImages(ours, theirs, { ...options, metrics }),
  });
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
): Promise<LenetScores> {
  const { scores, origin } = await scoreFeatures(images, request, {
    extractor: await loadLenet(),
    metrics: metrics.map((metric) => digitMetrics[metric]),
    nameOf: nameAmongDigits,
    score: (ours, theirs, options) => scoreDigits(ours, theirs, { ...options, metrics }),
  });
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
