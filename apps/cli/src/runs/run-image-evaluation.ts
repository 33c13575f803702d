/** Implements `ergodic evaluate` for images without a model. It writes no files. */
import { useEngine } from "@ergodic/engine";
import { networkScores } from "@ergodic/evaluation/node";
import { messageOf } from "@ergodic/tensor";
import type { EvaluateFlags } from "./flags.js";
import { CliError, usageError } from "../errors.js";
import { describeNetworkScores } from "../evaluation/describe-network-scores.js";
import { imagesAt, referenceAt } from "../evaluation/image-set.js";
import { chooseMetrics, type ChosenMetrics } from "../evaluation/choose-metrics.js";
import { networkRequest } from "../evaluation/network-request.js";
import { openParts } from "../shards/parts.js";
import { partsOrigin } from "../shards/parts-of-run.js";
import { tellPart } from "../shards/tell-part.js";
import { jsonResult, result, stderrTarget } from "../terminal/output.js";
import { stages } from "../terminal/stages.js";

/** Scores a folder of images, an `.npz` file or a data set, and prints the scores. */
export async function evaluateFound(
  text: string,
  chosen: ChosenMetrics | undefined,
  flags: EvaluateFlags,
): Promise<void> {
  const { seed, range, samples = flags.n } = flags;
  const { model, plane, likelihood, classification, detection, network } =
    chosen ?? chooseMetrics(flags.saveStatistics === undefined ? ["fid"] : []);
  const images = await imagesAt(text, range).catch((error: unknown) => {
    throw new CliError(`${text} is not a run: it has no config.json; and as images: ${messageOf(error)}`);
  });
  const ofRuns = [...model, ...plane, ...likelihood, ...classification, ...detection];
  if (ofRuns.length > 0) throw usageError(`${ofRuns.join(" and ")} can be had of a trained run only; ${text} is none.`);
  const reference = flags.reference === undefined ? undefined : await referenceAt(flags.reference, range);
  await useEngine(flags.engine ?? "auto");
  const parts = await openParts({
    ...flags,
    folder: undefined,
    settings: {
      command: "evaluate",
      images: text,
      reference: flags.reference,
      n: samples,
      range,
      resize: flags.resize,
    },
    origin: await partsOrigin(),
  });
  const shown = stages(stderrTarget, flags);
  try {
    const request = networkRequest({ ...flags, metrics: network }, shown.stage);
    // Without parts, images need no known number.
    const pieces = flags.shard === undefined && !flags.merge ? undefined : parts.pieces;
    const scores = await networkScores(images, { ...request, reference, n: samples, seed, pieces });
    const part = await parts.finish();
    if (part !== undefined) tellPart(part, { images: text, seed }, flags);
    else if (flags.json) jsonResult({ images: text, seed, ...scores });
    else result(describeNetworkScores(scores));
  } finally {
    shown.end();
  }
}
