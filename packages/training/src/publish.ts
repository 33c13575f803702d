/**
 * Writes samples, reconstructions, translations and chain curves of a running training into the run
 * folder.
 *
 * The same keys are used every time, so samples of different iterations are comparable.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { tidy } from "@ergodic/engine";
import { random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import { disposeTensors } from "./dispose.js";
import { listFiles, readTextIfAny, writeRunFile } from "./files.js";
import { isPlainObject, parseJson } from "./json.js";
import type { Learner, LearnerState } from "./learner.js";
import type { RunPaths } from "./run-paths.js";
import { classSamples } from "./samples/class-samples.js";
import { landscapeFile } from "./samples/landscape.js";
import { reconstructionFile, sampleFile, type SampleExtension } from "./samples/sample-file.js";
import { panelsPng } from "./samples/panels-file.js";
import { readSamples, type HostSamples } from "./samples/samples.js";
import { translationFile } from "./samples/translation-file.js";

/** Content of diagnostics.json. */
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
  /** Makes the batch to reconstruct. It is disposed here. */
  batch(): Batch;
}

/** The beginnings of the names of sample files. */
const beginnings = {
  samples: "",
  data: "data-",
  landscape: "landscape-",
  reconstruction: "reconstruction-",
  translation: "translation-",
  panels: "panels-",
} as const;

export type ShownFile = keyof typeof beginnings;

/** Extensions of sample files. The kind of samples decides which one is used. */
const extensions: readonly SampleExtension[] = ["png", "txt"];

/** Name of a sample file. Iterations are padded, so names sort by time. */
export function shownFileName(shown: ShownFile, iteration: number, extension: SampleExtension): string {
  const number = String(iteration).padStart(7, "0");
  return `${beginnings[shown]}${number}.${extension}`;
}

/** The iteration of a sample file; undefined for other files. */
export function shownIteration(shown: ShownFile, name: string): number | undefined {
  const beginning = beginnings[shown];
  const [, iteration] = (name.startsWith(beginning) && /^(\d+)\.(?:png|txt)$/.exec(name.slice(beginning.length))) || [];
  return iteration === undefined ? undefined : Number(iteration);
}

/**
 * Writes everything the learner can show. Returns the path of the samples, if any.
 *
 * @throws RunFolderError
 */
export async function publish<S extends LearnerState, B>(
  paths: RunPaths,
  show: Showing<S, B>,
): Promise<string | undefined> {
  await publishReconstruction(paths, show);
  await publishTranslation(paths, show);
  await publishPanels(paths, show);
  await publishDiagnostics(paths, show);
  await publishData(paths, show);
  return publishSamples(paths, show);
}

/**
 * Whether all files that `publish` writes for an iteration exist. A killed training may have
 * written only some.
 */
export async function isPublished<S extends LearnerState, B>(
  paths: RunPaths,
  learner: Learner<S, B>,
  iteration: number,
): Promise<boolean> {
  const names = await listFiles(paths.samples);
  const has = (shown: ShownFile): boolean =>
    extensions.some((extension) => names.includes(shownFileName(shown, iteration, extension)));
  const curves = parseJson((await readTextIfAny(paths.diagnostics)) ?? "");
  return (
    ((learner.sample === undefined && classRows(learner, 1) === undefined) || has("samples")) &&
    (learner.reconstruct === undefined || has("reconstruction")) &&
    (learner.translation === undefined || has("translation")) &&
    (learner.panels === undefined || has("panels")) &&
    (learner.diagnose === undefined || (isPlainObject(curves) && curves["iteration"] === iteration))
  );
}

async function publishSamples<S extends LearnerState, B>(
  paths: RunPaths,
  show: Showing<S, B>,
): Promise<string | undefined> {
  const { learner, state, count } = show;
  const key = random.fold(show.key, 0);
  const rows = classRows(learner, count);
  const sampleClass = learner.sampleClass?.bind(learner, state);
  const observations =
    rows && sampleClass ? await classSamples(sampleClass, { ...rows, key }) : await learner.sample?.(state, key, count);
  if (observations === undefined) return undefined;
  const samples = await read(show, observations);
  disposeTensors(observations);
  if (samples.kind === "points" && samples.shape[1] === 2) await publishLandscape(paths, show, samples.values);
  const { extension, content } = await sampleFile(samples, { columns: rows?.n });
  const path = join(paths.samples, shownFileName("samples", show.iteration, extension));
  await writeRunFile(path, content);
  return path;
}

/** As many examples as samples are shown, if the learner says what a batch holds. Written once. */
async function publishData<S extends LearnerState, B>(paths: RunPaths, show: Showing<S, B>): Promise<void> {
  const { learner, count } = show;
  if (learner.data === undefined) return;
  const names = await listFiles(paths.samples);
  if (names.some((name) => shownIteration("data", name) !== undefined)) return;
  const batch = show.batch();
  try {
    const observations = learner.data(batch);
    const some = tidy(() =>
      tree.map((leaf: tf.Tensor) => tf.slice(leaf, 0, Math.min(count, leaf.shape[0] ?? 0)), observations),
    );
    const { extension, content } = await sampleFile(await read(show, some));
    disposeTensors([some, observations], [batch]);
    await writeRunFile(join(paths.samples, shownFileName("data", 0, extension)), content);
  } finally {
    disposeTensors(batch);
  }
}

/** The energy in the plane of the newest samples. An earlier one is removed. */
async function publishLandscape<S extends LearnerState, B>(
  paths: RunPaths,
  { learner, state, key, iteration, batch: makeBatch }: Showing<S, B>,
  samples: ArrayLike<number>,
): Promise<void> {
  const batch = makeBatch();
  try {
    const file = await landscapeFile(learner, { state, batch, key: random.fold(key, 5), samples });
    if (file === undefined) return;
    const before = (await listFiles(paths.samples)).filter((name) => shownIteration("landscape", name) !== undefined);
    await writeRunFile(join(paths.samples, shownFileName("landscape", iteration, file.extension)), file.content);
    for (const name of before)
      if (name !== shownFileName("landscape", iteration, file.extension))
        await rm(join(paths.samples, name), { force: true });
  } finally {
    disposeTensors(batch, [state]);
  }
}

/** The classes of a model that samples classes, and the samples of each when there are `count`. */
function classRows<S extends LearnerState, B>({ classes, sampleClass }: Learner<S, B>, count: number) {
  if (classes === undefined || sampleClass === undefined) return undefined;
  return { labels: Array.from({ length: classes }, (_, label) => label), n: Math.ceil(count / classes) };
}

async function publishReconstruction<S extends LearnerState, B>(paths: RunPaths, show: Showing<S, B>): Promise<void> {
  if (show.learner.reconstruct === undefined) return;
  const batch = show.batch();
  try {
    const pair = await show.learner.reconstruct(show.state, batch, random.fold(show.key, 1));
    const original = await read(show, pair.original);
    const reconstruction = await read(show, pair.reconstruction);
    disposeTensors(pair, [batch, show.state]);
    const { extension, content } = await reconstructionFile(original, reconstruction);
    await writeRunFile(join(paths.samples, shownFileName("reconstruction", show.iteration, extension)), content);
  } finally {
    disposeTensors(batch, [show.state]);
  }
}

async function publishTranslation<S extends LearnerState, B>(paths: RunPaths, show: Showing<S, B>): Promise<void> {
  const { learner, state, key, iteration } = show;
  if (learner.translation === undefined) return;
  const batch = show.batch();
  try {
    const file = await translationFile(learner.translation, state, batch, random.fold(key, 3));
    await writeRunFile(join(paths.samples, shownFileName("translation", iteration, file.extension)), file.content);
  } finally {
    disposeTensors(batch, [state]);
  }
}

async function publishPanels<S extends LearnerState, B>(paths: RunPaths, show: Showing<S, B>): Promise<void> {
  const { learner, state, key, iteration, count } = show;
  if (learner.panels === undefined) return;
  const batch = show.batch();
  try {
    const png = await panelsPng(await learner.panels(state, batch, random.fold(key, 4), count));
    await writeRunFile(join(paths.samples, shownFileName("panels", iteration, "png")), png);
  } finally {
    disposeTensors(batch, [state]);
  }
}

async function publishDiagnostics<S extends LearnerState, B>(paths: RunPaths, show: Showing<S, B>): Promise<void> {
  const curves = await show.learner.diagnose?.(show.state, random.fold(show.key, 2));
  if (curves === undefined) return;
  const diagnostics: Diagnostics = { iteration: show.iteration, curves };
  await writeRunFile(paths.diagnostics, `${JSON.stringify(diagnostics)}\n`);
}

const read = <S extends LearnerState, B>({ learner }: Showing<S, B>, observations: TensorTree): Promise<HostSamples> =>
  readSamples(observations, learner.show?.bind(learner));
