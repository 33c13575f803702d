/**
 * Scores of generated images against reference images in a network's feature space, with their
 * protocol.
 */
import type { RowProduct } from "@ergodic/linear-algebra";
import { assertOneOf, fail, random, type HostKey } from "@ergodic/tensor";
import { frechetBias, frechetDistance, type GaussianStatistics } from "../frechet.js";
import { frechetInfinity, type FrechetInfinity } from "../frechet-infinity.js";
import { inceptionScore, type InceptionScore } from "../inception-score.js";
import { kernelDistance, type KernelDistance } from "../kernel-distance.js";
import { lenetName } from "../lenet/network.js";
import { manifoldScores, type ManifoldScores } from "../manifold-scores.js";
import type { CollectedFeatures, ImageProtocol } from "./collect.js";
import type { FeatureProtocol } from "./extractor.js";
import type { StoredStatistics } from "./statistics-file.js";

export const imageMetrics = ["fid", "fid-infinity", "is", "kid", "prdc"] as const;
export type ImageMetric = (typeof imageMetrics)[number];

/** A condition that limits a score. */
export interface ScoreWarning {
  readonly kind: "few-examples" | "other-protocol" | "unknown-protocol";
  readonly message: string;
  /** For few examples: the names of the scores that are biased. */
  readonly biased?: readonly string[];
  /**
   * For a distance of few examples: upper bound of its bias for two sets of the same distribution.
   */
  readonly bias?: number;
}

export interface ImageScores {
  readonly fid?: number;
  readonly fidInfinity?: FrechetInfinity;
  readonly inceptionScore?: InceptionScore;
  readonly kid?: KernelDistance;
  /**
   * In the conventions of precision and recall (k = 3, closed) and of density and coverage (k = 5,
   * open).
   */
  readonly prdc?: readonly ManifoldScores[];
  readonly protocol: { readonly generated: ImageProtocol; readonly reference?: ImageProtocol; readonly seed: number };
  readonly warnings: readonly ScoreWarning[];
}

export interface ScoreOptions {
  readonly metrics: readonly ImageMetric[];
  /** Seed of all random subsets. */
  readonly seed: number;
  /** Subsets of KID; default 100 of 1000 examples each. */
  readonly kid?: { readonly subsets?: number; readonly subsetSize?: number };
  /** Name of a metric in messages; default its own name, which is Inception's. */
  readonly nameOf?: (metric: ImageMetric) => string;
  readonly onStage?: (text: string) => void;
  /** Computes products of features for KID and the scores of balls, such as that of an engine. */
  readonly product?: RowProduct | undefined;
}

/** Collected features, or statistics from a file, which allow Fréchet distances only. */
export type Reference = Pick<CollectedFeatures, "features" | "protocol"> & {
  readonly moments: CollectedFeatures["moments"];
};

/** Outputs to keep of each set for these metrics. */
export function keptFor(metrics: readonly ImageMetric[]): {
  generated: ("features" | "logits")[];
  reference: ("features" | "logits")[];
} {
  const points = metrics.some((metric) => metric === "kid" || metric === "prdc");
  const features = points || metrics.includes("fid-infinity");
  return {
    generated: [...(features ? (["features"] as const) : []), ...(metrics.includes("is") ? (["logits"] as const) : [])],
    reference: points ? ["features"] : [],
  };
}

/**
 * Computes scores of generated images.
 *
 * @param reference collected features, or stored statistics; Inception Score alone needs none
 * @throws ValidationError when a metric needs an output that was not kept, or the two sets come
 *   from different networks
 */
export function scoreImages(
  generated: CollectedFeatures,
  reference: Reference | StoredStatistics | undefined,
  { metrics, seed, kid = {}, nameOf, onStage, product }: ScoreOptions,
): ImageScores {
  metrics.forEach((metric) => assertOneOf({ metric }, imageMetrics));
  if (nameOf === undefined && generated.protocol.network === lenetName)
    fail(
      `the features are of ${lenetName}`,
      "those of another network",
      "scoreDigits gives their scores names of their own",
    );
  const called = nameOf ?? ((metric: ImageMetric) => metric);
  const say = (metric: ImageMetric, done = ""): void => onStage?.(`${called(metric)}${done}`);
  const { dimensions } = generated.moments;
  const asked = (metric: ImageMetric): boolean => {
    if (metrics.includes(metric)) say(metric);
    return metrics.includes(metric);
  };
  const own = (what: "features" | "logits"): Float32Array =>
    generated[what] ?? fail(`${what} of generated images were not kept`, `keep: ["${what}"]`, "collect them again");
  const statistics = (): GaussianStatistics =>
    reference === undefined
      ? fail("there is no reference", "images or statistics to compare with", "state one")
      : momentsOf(reference);
  const theirs = (): Float32Array =>
    (reference !== undefined && "moments" in reference ? reference.features : undefined) ??
    fail(
      "the reference has no features of its own images",
      "images or kept features",
      "statistics serve Fréchet distances alone",
    );
  const progressOf = (metric: ImageMetric) => (done: number, of: number) => say(metric, ` ${done}/${of}`);
  const key = random.key(seed);
  const part = (index: number): HostKey => random.fold(key, index) as HostKey;
  return {
    ...(asked("fid") ? { fid: frechetDistance(statistics(), generated.moments) } : {}),
    ...(asked("fid-infinity") ? { fidInfinity: frechetInfinity(statistics(), own("features"), { key: part(0) }) } : {}),
    ...(asked("is")
      ? {
          inceptionScore: inceptionScore(own("logits"), own("logits").length / generated.moments.count, {
            key: part(1),
          }),
        }
      : {}),
    ...(asked("kid")
      ? {
          kid: kernelDistance(own("features"), theirs(), dimensions, {
            ...kid,
            key: part(2),
            onProgress: progressOf("kid"),
            product,
          }),
        }
      : {}),
    ...(asked("prdc")
      ? { prdc: manifoldScores(theirs(), own("features"), dimensions, undefined, progressOf("prdc"), product) }
      : {}),
    protocol: {
      generated: generated.protocol,
      ...(reference?.protocol === undefined ? {} : { reference: reference.protocol }),
      seed,
    },
    warnings: [
      ...(reference === undefined ? [] : protocolWarnings(generated.protocol, reference.protocol)),
      ...countWarnings({ metrics, nameOf: called }, generated, reference && momentsOf(reference)),
    ],
  };
}

const momentsOf = (reference: Reference | StoredStatistics): GaussianStatistics =>
  "moments" in reference ? reference.moments : reference.statistics;

/**
 * Distances between different networks mean nothing.
 *
 * @throws ValidationError unless both have the same weights and features
 */
export function assertSameNetwork(ours: FeatureProtocol, theirs: FeatureProtocol): void {
  for (const field of ["weights", "features"] as const)
    if (ours[field] !== theirs[field])
      fail(
        `the generated images have ${field} ${ours[field]}, the reference ${theirs[field]}`,
        "one network for both",
        "compute the reference again",
      );
}

function protocolWarnings(ours: ImageProtocol, theirs: ImageProtocol | undefined): ScoreWarning[] {
  if (theirs === undefined) {
    const message =
      "the reference does not say how its statistics were computed; other networks or resizing change them";
    return [{ kind: "unknown-protocol", message }];
  }
  assertSameNetwork(ours, theirs);
  return (["resize", "quantisation", "grey"] as const).flatMap((field) =>
    ours[field] === theirs[field]
      ? []
      : [
          {
            kind: "other-protocol",
            message: `${field} is ${ours[field]} for generated images and ${theirs[field]} for the reference`,
          } as const,
        ],
  );
}

/**
 * Number of examples below which scores are marked as biased.
 *
 * It is the minimum advised by the authors of FID (github.com/bioinf-jku/TTUR). Papers take 50,000.
 * The bias falls as 1/n (Chong and Forsyth, "Effectively unbiased FID and Inception Score", arXiv
 * 1911.07023).
 */
export const fewExamples = 10_000;

function countWarnings(
  { metrics, nameOf }: Required<Pick<ScoreOptions, "metrics" | "nameOf">>,
  { moments }: CollectedFeatures,
  reference: GaussianStatistics | undefined,
): ScoreWarning[] {
  const asked = (...of: ImageMetric[]) => of.filter((metric) => metrics.includes(metric));
  const { count, dimensions } = moments;
  const other = reference?.count ?? Infinity;
  const least = Math.min(count, other);
  const warnings: ScoreWarning[] = [];
  const few = (message: string, biased: readonly ImageMetric[], bias?: number): void => {
    if (biased.length > 0)
      warnings.push({
        kind: "few-examples",
        message,
        biased: biased.map(nameOf),
        ...(bias === undefined ? {} : { bias }),
      });
  };
  if (reference !== undefined && (least < dimensions || least < fewExamples)) {
    const bias = frechetBias(reference, count, other);
    const than = least < dimensions ? `the ${dimensions} features` : `${fewExamples}, the least that is advised`;
    few(
      `${least} examples are fewer than ${than}: the Fréchet distance is biased upward, that of two sets of one law would be up to ` +
        `${bias.toPrecision(3)}; compare equal counts only`,
      asked("fid"),
      bias,
    );
  }
  if (count < fewExamples)
    few(
      `${count} examples are fewer than ${fewExamples}: the score of classes is biased downward; compare equal counts only`,
      asked("is"),
    );
  if (reference !== undefined && least < fewExamples)
    few(
      `${least} examples are fewer than ${fewExamples}: the balls around them are wider than those of more, so that precision and recall are ` +
        "biased upward; compare equal counts only",
      asked("prdc"),
    );
  return warnings;
}
