/** Builds the request for scores in network features from the user's options. */
import { digitMetricNames, type NetworkMetric } from "@ergodic/evaluation/networks";
import type { NetworkRequest, NetworkSettings } from "@ergodic/evaluation/node";
import { usageError } from "../errors.js";
import { showProgress } from "../terminal/scoring-progress.js";
import { weightsToUse } from "./weights.js";

/** Options that concern networks. */
export interface NetworkFlags extends NetworkSettings {
  /** A file with weights of Inception. Default: the published file in the user's cache. */
  readonly weights?: string | undefined;
}

/** @throws CliError when statistics are requested from two networks at once */
export function networkRequest(
  { metrics, resize, kidSubset, saveStatistics, featureFile, weights }: NetworkFlags,
  onStage: (text: string) => void,
): Pick<NetworkRequest, keyof NetworkSettings | "inceptionWeights" | "onProgress"> {
  const ofDigits = metrics.filter((metric) => digitMetricNames.some((name: NetworkMetric) => name === metric)).length;
  if (saveStatistics !== undefined && ofDigits > 0 && ofDigits < metrics.length)
    throw usageError("--save-statistics takes the features of one network; ask for metrics of one.");
  return {
    ...{ metrics, resize, kidSubset, saveStatistics, featureFile },
    inceptionWeights: () => weightsToUse(weights),
    onProgress: showProgress(onStage),
  };
}
