/** Checks of the images of scores before features are computed, which can take hours. */
import { fail } from "@ergodic/tensor";
import type { ImageStream } from "../images/image-batch.js";
import { densityCoverageConvention } from "../manifold-scores.js";
import type { FeatureExtractor } from "./extractor.js";
import { assertSameNetwork, type ImageMetric, type ScoreOptions } from "./score-images.js";
import type { StoredStatistics } from "./statistics-file.js";

export interface ScorePlan extends Pick<ScoreOptions, "metrics" | "kid" | "nameOf"> {
  readonly extractor: Pick<FeatureExtractor, "dimensions" | "protocol">;
  /** Unknown counts are not checked. */
  readonly generated: Pick<ImageStream, "count" | "description">;
  readonly reference?: Pick<ImageStream, "count" | "description"> | StoredStatistics | undefined;
}

/**
 * @throws ValidationError for a metric without its reference or enough examples, and for statistics
 *   that cannot serve a metric or come from another network
 */
export function assertScorable({
  metrics,
  kid,
  nameOf = (metric) => metric,
  extractor,
  generated,
  reference,
}: ScorePlan): void {
  const least: Readonly<Record<ImageMetric, number>> = {
    fid: 2,
    "fid-infinity": 4,
    is: 10,
    kid: kid?.subsetSize ?? 1000,
    prdc: densityCoverageConvention.neighbours + 1,
  };
  const enough = (metric: ImageMetric, { count = Infinity, description }: ScorePlan["generated"]) => {
    if (count < least[metric])
      fail(
        `${nameOf(metric)} of ${description}: ${count} images`,
        `at least ${least[metric]}`,
        metric === "kid" ? "take more, or smaller subsets, and state their size" : "take more images",
      );
  };
  for (const metric of metrics) {
    enough(metric, generated);
    if (metric === "is") continue;
    if (reference === undefined)
      return fail(`${nameOf(metric)} has no reference`, "images or statistics to compare with", "state a reference");
    if (!("statistics" in reference)) enough(metric, reference);
    else if (metric === "kid" || metric === "prdc")
      fail(
        `${nameOf(metric)} has a reference of mean and covariance alone`,
        "images",
        "statistics serve Fréchet distances alone",
      );
  }
  if (reference === undefined || !("statistics" in reference)) return;
  const { dimensions } = reference.statistics;
  if (dimensions !== extractor.dimensions)
    fail(
      `the reference has ${dimensions} features`,
      `the ${extractor.dimensions} of ${extractor.protocol.network}`,
      "take statistics of the same network",
    );
  if (reference.protocol !== undefined) assertSameNetwork(extractor.protocol, reference.protocol);
}
