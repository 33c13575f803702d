/** Scores of images in the feature space of the FID Inception network: FID and its kin, with all it takes to repeat them. */
import { ensureEngine } from "@ergodic/engine";
import {
  assertScorable,
  collectFeatures,
  inceptionFile,
  keptFor,
  loadInception,
  saveStatistics,
  scoreImages,
  type FeatureExtractor,
  type ImageMetric,
  type ImageScores,
  type ImageStream,
  type ResizeProtocol,
} from "@ergodic/evaluation";
import { duration } from "../terminal/format.js";
import type { ImageReference } from "./image-set.js";
import { weightsToUse } from "./weights.js";

export interface NetworkSettings {
  readonly metrics: readonly ImageMetric[];
  /** A file; default the published one in the user's cache. */
  readonly weights?: string | undefined;
  readonly resize: ResizeProtocol;
  /** Images in a subset of KID. */
  readonly kidSubset: number;
  /** Where mean and covariance of the scored images' features go. */
  readonly saveStatistics?: string | undefined;
}

export interface NetworkRequest extends NetworkSettings {
  readonly reference?: ImageReference | undefined;
  /** Images scored, at most; default all. */
  readonly n?: number | undefined;
  readonly seed: number;
  readonly onStage: (text: string) => void;
}

/** Scores by name of metric, `-` left out; JSON holds them as they are. */
export interface NetworkScores {
  readonly fid?: { readonly value: number };
  readonly fidInfinity?: ImageScores["fidInfinity"];
  readonly is?: ImageScores["inceptionScore"];
  readonly kid?: ImageScores["kid"];
  readonly prdc?: ImageScores["prdc"];
  readonly protocol: ImageScores["protocol"] & { readonly engine: string };
  readonly reference?: Omit<ImageReference, "images">;
  readonly warnings: readonly { readonly kind: string; readonly message: string; readonly bias?: number }[];
}

/** @throws before any feature is computed, for what no score can be made of */
export async function networkScores(images: ImageStream, request: NetworkRequest): Promise<NetworkScores> {
  const { metrics, reference, seed, resize, kidSubset, n: limit = Infinity, onStage } = request;
  const path = await weightsToUse(request.weights);
  onStage("reading the weights of the network");
  const extractor = await loadInception(path, { resize });
  try {
    const kid = { subsetSize: kidSubset };
    const generated = { ...images, ...(images.count === undefined ? {} : { count: Math.min(limit, images.count) }) };
    assertScorable({ metrics, kid, extractor, generated, reference: reference?.images });
    const keep = keptFor(metrics);
    const collect = collector(extractor, onStage);
    const ours = await collect(images, "the images", { keep: keep.generated, limit });
    if (request.saveStatistics !== undefined)
      await saveStatistics(request.saveStatistics, { statistics: ours.moments, protocol: ours.protocol });
    const against = reference?.images;
    const theirs =
      against === undefined || "statistics" in against
        ? against
        : await collect(against, "the reference", { keep: keep.reference });
    return recordOf(scoreImages(ours, theirs, { metrics, seed, kid, onStage }), {
      engine: (await ensureEngine()).description,
      reference,
    });
  } finally {
    await extractor.dispose();
  }
}

type Collect = NonNullable<Parameters<typeof collectFeatures>[2]>;

const collector =
  (extractor: FeatureExtractor, onStage: NetworkRequest["onStage"]) =>
  (images: ImageStream, what: string, options: Pick<Collect, "keep" | "limit">) => {
    const began = performance.now();
    return collectFeatures(images, extractor, {
      ...options,
      onProgress({ images: done, of }) {
        const rate = (1000 * done) / (performance.now() - began);
        const left = of === undefined ? "" : `  ETA ${duration((of - done) / rate)}`;
        onStage(`features of ${what} ${done}/${of ?? "?"}  ${rate.toFixed(1)}/s${left}`);
      },
    });
  };

function recordOf(
  { fid, fidInfinity, inceptionScore, kid, prdc, protocol, warnings }: ImageScores,
  { engine, reference }: { readonly engine: string; readonly reference: ImageReference | undefined },
): NetworkScores {
  const unofficial =
    protocol.generated.weights === inceptionFile.sha256
      ? []
      : [
          {
            kind: "unofficial-weights",
            message: "the weights are not the published file: compare with no paper's FID",
          },
        ];
  return {
    ...(fid !== undefined && { fid: { value: fid } }),
    ...(fidInfinity && { fidInfinity }),
    ...(inceptionScore && { is: inceptionScore }),
    ...(kid && { kid }),
    ...(prdc && { prdc }),
    protocol: { ...protocol, engine },
    ...(reference && { reference: { given: reference.given, ...(reference.sha256 && { sha256: reference.sha256 }) } }),
    warnings: [...unofficial, ...warnings],
  };
}
