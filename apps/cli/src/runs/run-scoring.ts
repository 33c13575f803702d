/** Implements `ergodic score`. */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import {
  images,
  picturesLike,
  readablePictures,
  type DecodingProgress,
  type PictureOptions,
  type ReadablePictures,
} from "@ergodic/data/node";
import { noveltyScores, type NoveltyScores } from "@ergodic/evaluation/detection";
import { readPlan, type ImageArray } from "@ergodic/evaluation/model";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import type { Dataset } from "@ergodic/training";
import type * as tf from "@tensorflow/tfjs-core";
import { CliError, exitCode, type ExitCode } from "../errors.js";
import { imageModel } from "../evaluation/image-model.js";
import { describeScores, scoresAsCsv } from "../scoring/describe.js";
import { scoresPage, type WorstImages } from "../scoring/page.js";
import { scoreRecord, worstFirst, type ScoreRecord } from "../scoring/record.js";
import { columns } from "../terminal/format.js";
import { countdown } from "../terminal/countdown.js";
import { jsonResult, jsonText, result, stderrTarget } from "../terminal/output.js";
import { showProgress } from "../terminal/scoring-progress.js";
import { stages } from "../terminal/stages.js";
import type { ScoreFlags } from "./flags.js";
import { shownPath, writeInRun, writeResult } from "./folders.js";
import { openRun, type OpenRun } from "./open-run.js";

/** Images that the page shows beside their reconstruction. */
const shownImages = 24;

/**
 * Scores the pictures of a folder, or one picture, by the model of a run.
 *
 * @returns failure when a picture could not be read
 * @throws CliError when the model has no score, the path does not exist, or there are no held-out
 *   images
 */
export async function runScoring(folder: string, place: string, flags: ScoreFlags): Promise<ExitCode> {
  for (const path of [place, flags.normal])
    if (path !== undefined && !existsSync(path)) throw new CliError(`there is no folder or file ${path}.`);
  const opened = await openRun(folder, flags);
  const { run } = opened;
  const shown = stages(stderrTarget, flags);
  try {
    if (run.learner.score === undefined)
      throw new CliError("the model of this run scores no examples; give its learner score(state, batch, key).");
    if (flags.csv !== undefined) await mkdir(dirname(flags.csv), { recursive: true });
    const form = { ...picturesLike(run.dataset), onProgress: decoding(shown.stage) };
    const heldOut = await heldOutImages(opened, flags, form);
    const found = await readablePictures(place, form);
    const key = random.key(flags.seed);
    const scores = await noveltyScores({
      score: run.learner.score.bind(run.learner, run.state),
      ...{ examples: found.images, training: run.dataset, heldOut, key },
      ...{ falseAlarms: flags.falseAlarms, n: flags.samples, onProgress: showProgress(shown.stage) },
    });
    shown.stage("drawing the page");
    const of = { run: run.paths.folder, iteration: run.iteration, seed: flags.seed, pictures: place };
    const record = scoreRecord(of, found, scores);
    const page = await scoresPage(`Scores of ${place}`, record, scores, await worstImages(opened, found, scores, key));
    shown.end();
    await publish(record, flags, page);
    return record.unreadable.length === 0 ? exitCode.ok : exitCode.failure;
  } finally {
    shown.end();
    run.dispose();
  }
}

const decoding = (onStage: (text: string) => void): ((progress: DecodingProgress) => void) => {
  const count = countdown(onStage, "reading pictures");
  return ({ done, count: of }) => count(done, of);
};

/** The pictures of --normal, or the test images of the experiment. */
async function heldOutImages(
  { experiment, run }: OpenRun,
  { normal }: ScoreFlags,
  form: PictureOptions,
): Promise<Dataset<unknown>> {
  if (normal !== undefined) return images({ ...form, from: normal }).load();
  const plan = readPlan(experiment.evaluation(run.config.options));
  if (plan !== undefined) return plan.test.load();
  throw new CliError(
    "the experiment names no held-out images, so no threshold is known; give --normal <folder>, normal ones that the model has not seen.",
  );
}

/** The worst images and their reconstructions, made with the random numbers of their scores. */
async function worstImages(
  { run }: OpenRun,
  { images }: ReadablePictures,
  { examples }: NoveltyScores,
  key: Key,
): Promise<WorstImages> {
  const batch = images.take(Int32Array.from(worstFirst(examples).slice(0, shownImages)));
  const { reconstruct } = imageModel(run.learner, run.state);
  try {
    if (reconstruct === undefined) return { original: await arrayOf(batch.images, images.scale) };
    const made = await reconstruct(batch, random.equalRows(key));
    const both = { original: await arrayOf(made.original), reconstruction: await arrayOf(made.reconstruction) };
    tree.dispose(made as TensorTree);
    return both;
  } finally {
    tree.dispose(batch as TensorTree);
  }
}

/** Images of a scale as images in [-1, 1]. */
const arrayOf = async (images: tf.Tensor, [low, high]: readonly [number, number] = [-1, 1]): Promise<ImageArray> => ({
  images: (await images.data<"float32">()).map((value) => (2 * (value - low)) / (high - low) - 1),
  shape: images.shape,
});

async function publish(record: ScoreRecord, { json, csv }: ScoreFlags, page: string): Promise<void> {
  const { run: folder } = record;
  const numbers = await writeInRun(folder, ["scores", "scores.json"], jsonText(record));
  const report = await writeInRun(folder, ["scores", "report.html"], page);
  if (csv !== undefined) await writeResult(csv, scoresAsCsv(record));
  if (json) return jsonResult({ ...record, report });
  const paths = columns([
    ["report", shownPath(report)],
    ["numbers", shownPath(numbers)],
    ...(csv === undefined ? [] : [["table", csv] as const]),
  ]);
  result(`${describeScores(record)}\n\n${paths}`);
}
