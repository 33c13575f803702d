/** Features of images, then scores of these features, for any network. */
import { ensureEngine } from "@ergodic/engine";
import type { ImageStream } from "../images/image-batch.js";
import { assertScorable } from "./assert-scorable.js";
import { collectFeatures, collectFeaturesInPieces, type CollectedFeatures } from "./collect.js";
import type { FeatureExtractor } from "./extractor.js";
import type { ImageReference, NetworkRequest } from "./network-request.js";
import {
  keptFor,
  type ImageMetric,
  type ImageScores,
  type Reference,
  type ScoreOptions,
  type ScoreWarning,
} from "./score-images.js";
import { saveStatistics, type StoredStatistics } from "./statistics-file.js";

/** Origin of a score, beside the scores' own fields. */
export interface Origin {
  readonly protocol: ImageScores["protocol"] & { readonly engine: string };
  readonly reference?: Omit<ImageReference, "images">;
  readonly warnings: readonly (Omit<ScoreWarning, "kind"> & { readonly kind: string })[];
}

export interface Scoring<S> {
  readonly extractor: FeatureExtractor;
  readonly metrics: readonly ImageMetric[];
  readonly nameOf?: (metric: ImageMetric) => string;
  score(
    ours: CollectedFeatures,
    theirs: Reference | StoredStatistics | undefined,
    options: Omit<ScoreOptions, "metrics" | "nameOf">,
  ): S;
}

/**
 * Collects features and scores them. The extractor is disposed. Undefined if the request's pieces are
 * only a share.
 *
 * @throws ValidationError before any feature is computed, when no score is possible
 */
export async function scoreFeatures<S extends Pick<ImageScores, "protocol">>(
  images: ImageStream,
  request: NetworkRequest,
  { extractor, metrics, nameOf, score }: Scoring<S>,
): Promise<{ readonly scores: S; readonly origin: Omit<Origin, "warnings"> } | undefined> {
  const { reference, seed, kidSubset, n: limit = Infinity } = request;
  try {
    const kid = { subsetSize: kidSubset };
    const generated = { ...images, ...(images.count === undefined ? {} : { count: Math.min(limit, images.count) }) };
    const named = nameOf === undefined ? {} : { nameOf };
    assertScorable({ metrics, kid, extractor, generated, reference: reference?.images, ...named });
    const keep = keptFor(metrics);
    const collect = collector(extractor, request);
    const ours = await collect(images, "the images", { keep: keep.generated, limit });
    if (request.saveStatistics !== undefined && ours !== undefined)
      await saveStatistics(request.saveStatistics, { statistics: ours.moments, protocol: ours.protocol });
    const against = reference?.images;
    const theirs =
      against === undefined || "statistics" in against
        ? against
        : await collect(against, "the reference", { keep: keep.reference });
    if (ours === undefined || (theirs === undefined) !== (against === undefined)) return undefined;
    const { description: engine, rowProduct: product } = await ensureEngine();
    const scores = score(ours, theirs, { seed, kid, product });
    const { given, sha256 } = reference ?? {};
    return {
      scores,
      origin: {
        protocol: { ...scores.protocol, engine },
        ...(given !== undefined && { reference: { given, ...(sha256 && { sha256 }) } }),
      },
    };
  } finally {
    await extractor.dispose();
  }
}

type Collect = NonNullable<Parameters<typeof collectFeatures>[2]>;

const collector =
  (extractor: FeatureExtractor, { pieces, onProgress }: NetworkRequest) =>
  (images: ImageStream, what: string, options: Pick<Collect, "keep" | "limit">) => {
    const collecting = {
      ...options,
      onProgress: ({ images: done, of }: { readonly images: number; readonly of?: number }) =>
        onProgress?.({ what: `features of ${what}`, done, of }),
    };
    const name = `${extractor.protocol.network} of ${what}`;
    return pieces === undefined
      ? collectFeatures(images, extractor, collecting)
      : collectFeaturesInPieces(images, extractor, { ...collecting, pieces, name });
  };
