/** A request for scores in the features of networks, from the options that the user gave. */
import { digitMetricNames, type NetworkMetric, type NetworkRequest, type NetworkSettings } from "@ergodic/evaluation";
import { usageError } from "../errors.js";
import { showProgress } from "../terminal/scoring-progress.js";
import { weightsToUse } from "./weights.js";

/** Options of the command that matter to networks. */
export interface NetworkFlags extends NetworkSettings {
  /** A file of the weights of Inception. Default: the published one in the user's cache. */
  readonly weights?: string | undefined;
}

/** @throws CliError when statistics are asked of two networks at once */
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
