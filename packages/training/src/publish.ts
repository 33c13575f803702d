/**
 * What a run shows of itself while it trains: a grid of samples, reconstructions, and curves of its chains, written to the run
 * folder for the report. The same keys are used every time, so that the pictures of two moments are comparable.
 */
import { join } from "node:path";
import type * as tf from "@tensorflow/tfjs-core";
import { random, type Key } from "@ergodic/tensor";
import { disposeTensors } from "./dispose.js";
import { listFiles, readTextIfAny, writeRunFile } from "./files.js";
import { reconstructionPng, samplesPng } from "./image-grid.js";
import { isPlainObject, parseJson } from "./json.js";
import type { Learner, LearnerState } from "./learner.js";
import type { Pictures } from "./pictures.js";
import type { RunPaths } from "./run-paths.js";

/** What diagnostics.json holds. */
export interface Diagnostics {
  readonly iteration: number;
  readonly curves: Readonly<Record<string, readonly number[]>>;
}

/** What is needed to show a state. */
export interface Showing<S extends LearnerState, Batch> {
  readonly learner: Learner<S, Batch>;
  readonly state: S;
  readonly key: Key;
  readonly count: number;
  readonly iteration: number;
  /** The batch to reconstruct, made when it is needed; disposed here. */
  batch(): Batch;
}

/** Name of a picture: iterations are padded, so that names sort by time. */
export function pictureName(kind: "samples" | "reconstruction", iteration: number): string {
  const number = String(iteration).padStart(7, "0");
  return kind === "samples" ? `${number}.png` : `reconstruction-${number}.png`;
}

/** Writes what the learner can show. Returns the path of the sample grid, if it makes samples. @throws RunFolderError */
export async function publish<S extends LearnerState, B>(
  paths: RunPaths,
  show: Showing<S, B>,
): Promise<string | undefined> {
  await publishReconstruction(paths, show);
  await publishDiagnostics(paths, show);
  return publishSamples(paths, show);
}

/** Whether everything that `publish` writes of an iteration is there: a training that was killed may have left a part. */
export async function isPublished<S extends LearnerState, B>(
  paths: RunPaths,
  learner: Learner<S, B>,
  iteration: number,
): Promise<boolean> {
  const names = await listFiles(paths.samples);
  const curves = parseJson((await readTextIfAny(paths.diagnostics)) ?? "");
  return (
    (learner.sample === undefined || names.includes(pictureName("samples", iteration))) &&
    (learner.reconstruct === undefined || names.includes(pictureName("reconstruction", iteration))) &&
    (learner.diagnose === undefined || (isPlainObject(curves) && curves["iteration"] === iteration))
  );
}

async function publishSamples<S extends LearnerState, B>(
  paths: RunPaths,
  show: Showing<S, B>,
): Promise<string | undefined> {
  const samples = await show.learner.sample?.(show.state, random.fold(show.key, 0), show.count);
  if (samples === undefined) return undefined;
  const path = join(paths.samples, pictureName("samples", show.iteration));
  await writeRunFile(path, await samplesPng(await take(samples)));
  return path;
}

async function publishReconstruction<S extends LearnerState, B>(paths: RunPaths, show: Showing<S, B>): Promise<void> {
  if (show.learner.reconstruct === undefined) return;
  const batch = show.batch();
  try {
    const pair = await show.learner.reconstruct(show.state, batch, random.fold(show.key, 1));
    const original = await read(pair.original);
    const reconstruction = await read(pair.reconstruction);
    disposeTensors(pair, [batch, show.state]);
    const path = join(paths.samples, pictureName("reconstruction", show.iteration));
    await writeRunFile(path, await reconstructionPng(original, reconstruction));
  } finally {
    disposeTensors(batch, [show.state]);
  }
}

async function publishDiagnostics<S extends LearnerState, B>(paths: RunPaths, show: Showing<S, B>): Promise<void> {
  const curves = await show.learner.diagnose?.(show.state, random.fold(show.key, 2));
  if (curves === undefined) return;
  const diagnostics: Diagnostics = { iteration: show.iteration, curves };
  await writeRunFile(paths.diagnostics, `${JSON.stringify(diagnostics)}\n`);
}

async function read(tensor: tf.Tensor): Promise<Pictures> {
  return { values: await tensor.data<"float32">(), shape: tensor.shape };
}

async function take(tensor: tf.Tensor): Promise<Pictures> {
  const pictures = await read(tensor);
  tensor.dispose();
  return pictures;
}
