/** Images through a network, and scores of what it says: the same steps whichever network it is. */
import { ensureEngine } from "@ergodic/engine";
import {
  assertScorable,
  collectFeatures,
  keptFor,
  saveStatistics,
  type CollectedFeatures,
  type FeatureExtractor,
  type ImageMetric,
  type ImageScores,
  type ImageStream,
  type Reference,
  type ScoreOptions,
  type ScoreWarning,
  type StoredStatistics,
} from "@ergodic/evaluation";
import { timeLeft } from "../terminal/countdown.js";
import type { ImageReference } from "./image-set.js";
import type { NetworkRequest } from "./network-request.js";

/** Where a score comes from, beside what the scores themselves say. */
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

/** The extractor is disposed. @throws before any feature is computed, for what no score can be made of */
export async function scoreFeatures<S extends Pick<ImageScores, "protocol">>(
  images: ImageStream,
  request: NetworkRequest,
  { extractor, metrics, nameOf, score }: Scoring<S>,
): Promise<{ readonly scores: S; readonly origin: Omit<Origin, "warnings"> }> {
  const { reference, seed, kidSubset, n: limit = Infinity, onStage } = request;
  try {
    const kid = { subsetSize: kidSubset };
    const generated = { ...images, ...(images.count === undefined ? {} : { count: Math.min(limit, images.count) }) };
    const named = nameOf === undefined ? {} : { nameOf };
    assertScorable({ metrics, kid, extractor, generated, reference: reference?.images, ...named });
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
    const scores = score(ours, theirs, { seed, kid, onStage });
    const { description: engine } = await ensureEngine();
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
  (extractor: FeatureExtractor, onStage: NetworkRequest["onStage"]) =>
  (images: ImageStream, what: string, options: Pick<Collect, "keep" | "limit">) => {
    const began = performance.now();
    return collectFeatures(images, extractor, {
      ...options,
      onProgress({ images: done, of }) {
        const rate = (1000 * done) / (performance.now() - began);
        const left = of === undefined ? "" : timeLeft(began, done, of);
        onStage(`features of ${what} ${done}/${of ?? "?"}  ${rate.toFixed(1)}/s${left}`);
      },
    });
  };
